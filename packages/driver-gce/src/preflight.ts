import type { CallOptions, CheckResult, Clock, PreflightRequest } from '@drover/spec';
import { type Check, type CheckContext, failed, result } from './check.ts';
import { checkClock } from './check-clock.ts';
import { checkImage } from './check-image.ts';
import { checkKey } from './check-key.ts';
import { checkNetwork } from './check-network.ts';
import { checkPermissions } from './check-permissions.ts';
import { checkQuota } from './check-quota.ts';
import { checkTypes } from './check-types.ts';
import { mapError } from './map-error.ts';
import type { GceParams } from './params.ts';
import { type GcePreflightSdk, sdkCall } from './sdk-subset.ts';

/** What preflight needs. */
export interface PreflightContext {
  readonly params: GceParams;
  readonly clock: Clock;
  /** Loads the clients that only preflight uses, and finds the credentials. */
  readonly openSdk: () => Promise<GcePreflightSdk>;
}

const afterCredentials: readonly Check[] = [
  checkClock,
  checkPermissions,
  checkQuota,
  checkImage,
  checkNetwork,
  checkTypes,
  checkKey,
];

/** Looks at everything that can be looked at for free, creates nothing. As `InstanceSet.preflight`. */
export async function runPreflight(
  request: PreflightRequest,
  options: CallOptions,
  { params, clock, openSdk }: PreflightContext,
): Promise<readonly CheckResult[]> {
  const explain: CheckContext['explain'] = (error, doing) => mapError(error, { doing, wallMs: clock.wallMs() });
  let sdk: GcePreflightSdk;
  try {
    sdk = await openSdk();
  } catch (error) {
    return [failed('credentials', explain(error, 'find credentials'), 'driver.credentials'), ...unseen()];
  }
  try {
    const context = { request, params, sdk, clock, options: sdkCall(options), explain };
    const credentials = await checkCredentials(context);
    if (credentials.outcome === 'failed') return [credentials, ...unseen()];
    const rest = await Promise.all(afterCredentials.map((check) => run(check, context)));
    return [credentials, ...distinct(rest.flat())];
  } finally {
    await sdk.close();
  }
}

async function run({ subject, doing, setting, look }: Check, context: CheckContext): Promise<readonly CheckResult[]> {
  try {
    return await look(context);
  } catch (thrown) {
    context.options.signal.throwIfAborted();
    return [failed(subject, context.explain(thrown, doing), setting)];
  }
}

/** The cheapest call there is: it needs a project that exists and a token that counts. */
async function checkCredentials({ sdk, params, options, explain }: CheckContext): Promise<CheckResult> {
  try {
    await sdk.projects.get({ project: params.project }, options);
    return {
      subject: 'credentials',
      outcome: 'ok',
      message: `Google accepts the credentials for project ${params.project}.`,
    };
  } catch (thrown) {
    options.signal.throwIfAborted();
    const error = explain(thrown, `see project ${params.project}`);
    const setting = error.code === 'CLOUD_INVALID_REQUEST' ? 'driver.project' : 'driver.credentials';
    return failed('credentials', error, setting);
  }
}

/** Two types of the same machine type tell the same. */
function distinct(results: readonly CheckResult[]): readonly CheckResult[] {
  return [...new Map(results.map((each) => [JSON.stringify(each), each])).values()];
}

function unseen(): readonly CheckResult[] {
  return afterCredentials.map(({ subject }) =>
    result(subject, 'skipped', 'Not looked at: it needs credentials that work.'),
  );
}
