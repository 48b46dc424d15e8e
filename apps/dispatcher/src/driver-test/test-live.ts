import { setTags } from '@drover/pool/vm';
import { DroverError } from '@drover/spec';
import { liveDriverLife, liveTitle } from '@drover/testkit/live';
import { toError } from '@drover/throttle';
import { clearSet, livingVms } from '../cloud-test/clear-set.ts';
import { openCloudTest } from '../cloud-test/open-cloud-test.ts';
import type { ConfigFile } from '../config/config-schema.ts';
import type { SuiteRun, SuiteTest } from './run-suite.ts';

/** Between two looks at a real cloud, and how long things may take there. */
const timing = { lookEveryMs: 2_000, bootWithinMs: 600_000, goneWithinMs: 600_000 };

/** How a live run went; `left`: VMs that are still there, as the cloud lists them at the end, and must be none. */
export interface LiveRun extends SuiteRun {
  readonly left: readonly string[];
}

/**
 * The level `live` of the conformance suite against the cloud of this configuration, in an instance set of its own, with the
 * cheapest type. Leaves nothing there, also when it is aborted: the cloud's list is the proof.
 * @throws ConfigError, DroverError CLOUDTEST_INSTANCES_EXIST, what the driver says
 */
export async function testLive(
  config: ConfigFile,
  env: Readonly<Record<string, string | undefined>>,
  { signal, onTest }: { readonly signal: AbortSignal; readonly onTest: (test: SuiteTest) => void },
): Promise<LiveRun> {
  const open = await openCloudTest(config, env, { purpose: 'drivertest' });
  const { clock, instanceSet, options } = open.context;
  const [instanceType] = open.instanceTypes.toSorted((a, b) => a.pricePerHour - b.pricePerHour);
  let left: readonly string[] = ['unknown'];
  try {
    if (instanceType === undefined) throw new DroverError('CLI_USAGE', 'the configuration has no instance type');
    const existing = (await livingVms(open.context, signal)).map(({ id }) => id);
    if (existing.length > 0) {
      left = existing;
      const message = `the set ${options.instanceSetId} has VMs already: ${existing.join(', ')}`;
      throw new DroverError('CLOUDTEST_INSTANCES_EXIST', message, { fix: 'wait for the test that made them' });
    }
    const world = {
      set: instanceSet,
      instanceType,
      imageId: options.imageId,
      authorizedKey: options.authorizedKey,
      setTags: setTags(options),
      pass: (ms: number) => clock.sleep(ms, { signal }),
      dispose: () => instanceSet.close(),
    };
    const beganMs = clock.monotonicMs();
    // Its own last look is at VMs; what else a cloud leaves, only the driver's own harness could name.
    const error = await liveDriverLife({ world, timing, leftovers: async () => [] }).then(() => undefined, toError);
    const test: SuiteTest = {
      path: ['live', liveTitle],
      result: error === undefined ? 'passed' : 'failed',
      tookMs: clock.monotonicMs() - beganMs,
      errors: error === undefined ? [] : [error.message],
    };
    onTest(test);
    await clearSet(open.context, 0, new AbortController().signal);
    left = [];
    return { ok: error === undefined, interrupted: signal.aborted, tests: [test], errors: [], left };
  } finally {
    await open.close(left.length > 0);
  }
}
