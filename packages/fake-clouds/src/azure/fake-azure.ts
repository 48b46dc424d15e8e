import type { Clock } from '@drover/spec';
import { type FakeAnswer, type FakeReply, type FakeRequest, serveFake } from '../fake-server.ts';
import { checkActions } from './actions.ts';
import { ArmError } from './arm-error.ts';
import { parseArmPath } from './arm-path.ts';
import { attachedRoutes } from './attached-routes.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import { selfSignedCertificate } from './certificate.ts';
import { type FakeAzureOptions, fakeAzureDefaults } from './fake-azure-options.ts';
import { fillRegion } from './fill-region.ts';
import { isJson, type Json } from './json.ts';
import { answerLogin } from './login.ts';
import { FakeRegion } from './region.ts';
import type { ArmCall, ArmReply, ArmRoutes } from './route.ts';
import { requestProblems, responseProblems, type SchemaName } from './schema/validate.ts';
import { vmRoutes } from './vm-routes.ts';

const routes: ArmRoutes = { ...vmRoutes, ...attachedRoutes, ...catalogueRoutes };

/** Something that goes wrong until it is healed. */
export interface FakeAzureFault {
  /** `METHOD kind`, e.g. `PUT microsoft.compute/virtualmachines`, collections with `[]` at the end; without it every call. */
  readonly on?: string;
  readonly answer: ArmError | FakeAnswer | 'hang' | 'reset';
  /** The request takes effect first. */
  readonly afterEffect?: boolean;
  /** Matching calls that still go well; default 0. */
  readonly after?: number;
  /** Calls that it befalls; without it all of them. */
  readonly times?: number;
}

/** Azure on 127.0.0.1: Resource Manager and sign-in, over HTTPS. */
export class FakeAzure {
  readonly region: FakeRegion;
  /** Base URL of both. */
  readonly url: string;
  /** Certificate to trust, PEM. */
  readonly ca: string;
  /** What does not agree with Microsoft's schema, of either side. A test that uses the fake checks that there is nothing. */
  readonly violations: readonly string[];
  /** `METHOD kind` of every call so far. */
  readonly calls: readonly string[];
  readonly #wire: Wire;
  readonly #close: () => Promise<void>;

  private constructor(wire: Wire, server: { readonly url: string; readonly ca: string; close(): Promise<void> }) {
    this.#wire = wire;
    this.region = wire.region;
    this.violations = wire.violations;
    this.calls = wire.calls;
    this.url = server.url;
    this.ca = server.ca;
    this.#close = () => server.close();
  }

  /** Starts one on a port of its own. */
  static async start(options: Partial<FakeAzureOptions> & { readonly clock: Clock }): Promise<FakeAzure> {
    const certificate = await selfSignedCertificate();
    const wire = new Wire(new FakeRegion({ ...fakeAzureDefaults, ...options }));
    const server = await serveFake((request) => wire.answer(request), certificate);
    return new FakeAzure(wire, { url: server.url, ca: certificate.cert, close: () => server.close() });
  }

  /** Puts so many running VMs there that nobody has asked for. */
  fill(count: number, tags: Readonly<Record<string, string>>): void {
    fillRegion(this.region, count, tags);
  }

  inject(fault: FakeAzureFault): void {
    this.#wire.faults.push({ fault, seen: 0 });
  }

  /** Ends every fault. */
  heal(): void {
    this.#wire.faults.length = 0;
    delete this.region.lateFailure;
    this.region.leaveBehind = false;
  }

  close(): Promise<void> {
    this.region.close();
    return this.#close();
  }
}

/** Between HTTP and the region: authentication, versions, schema, faults. */
class Wire {
  readonly region: FakeRegion;
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  readonly faults: { readonly fault: FakeAzureFault; seen: number }[] = [];

  constructor(region: FakeRegion) {
    this.region = region;
  }

  answer(request: FakeRequest): FakeReply {
    const login = answerLogin(this.region.options, request);
    if (login !== undefined) return login;
    try {
      return this.#answerArm(request);
    } catch (error) {
      if (error instanceof ArmError) return this.#refusal(error);
      throw error;
    }
  }

  #answerArm(request: FakeRequest): FakeReply {
    const path = parseArmPath(request.url.pathname);
    if (path === undefined)
      throw new ArmError(404, 'InvalidRequestUri', `There is nothing at ${request.url.pathname}.`);
    const key = `${request.method} ${path.kind}${path.isCollection ? '[]' : ''}`;
    this.calls.push(key);
    const fault = this.#faultOn(key);
    if (fault !== undefined && fault.afterEffect !== true) return this.#faulty(fault);
    const call: ArmCall = { ...request, path, name: path.names.at(-1) ?? '', body: parseBody(request) };
    const reply = this.#route(key, call);
    return fault === undefined ? reply : this.#faulty(fault);
  }

  #route(key: string, call: ArmCall): FakeAnswer {
    this.#checkCaller(call);
    const route = routes[key];
    if (route === undefined) throw this.#violation(`${key}: the fake does not know this`);
    const version = call.url.searchParams.get('api-version');
    if (version !== route.apiVersion) throw this.#violation(`${key}: API version ${version}, not ${route.apiVersion}`);
    checkActions(this.region.options.actions, call);
    if (route.request !== undefined) this.#checkRequest(route.request, call);
    const reply = route.handle(this.region, call);
    if (route.response !== undefined) this.violations.push(...responseProblems(route.response, reply.body));
    return this.#toAnswer(reply);
  }

  #checkRequest(name: SchemaName, call: ArmCall): void {
    const type = String(call.headers['content-type'] ?? '');
    if (!type.includes('application/json')) throw this.#violation(`${name}: sent as "${type}", not as JSON`);
    const problems = requestProblems(name, call.body);
    if (problems.length > 0) throw this.#violation(problems.join('; '));
  }

  #checkCaller({ headers, path }: ArmCall): void {
    const { tokens, subscriptionId, resourceGroups } = this.region.options;
    const [, token = ''] = /^Bearer (.+)$/.exec(String(headers['authorization'] ?? '')) ?? [];
    if (!tokens.includes(token)) throw new ArmError(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
    if (path.subscription !== subscriptionId)
      throw new ArmError(404, 'SubscriptionNotFound', `The subscription '${path.subscription}' could not be found.`);
    const known = resourceGroups.some((group) => group.toLowerCase() === path.resourceGroup.toLowerCase());
    if (path.resourceGroup !== '' && !known)
      throw new ArmError(404, 'ResourceGroupNotFound', `Resource group '${path.resourceGroup}' could not be found.`);
  }

  #faultOn(key: string): FakeAzureFault | undefined {
    const found = this.faults.find((one) => {
      if (one.fault.on !== undefined && one.fault.on !== key) return false;
      one.seen += 1;
      const before = one.fault.after ?? 0;
      return one.seen > before && one.seen <= before + (one.fault.times ?? Number.POSITIVE_INFINITY);
    });
    return found?.fault;
  }

  #faulty({ answer }: FakeAzureFault): FakeReply {
    return answer instanceof ArmError ? this.#refusal(answer) : answer;
  }

  #refusal(error: ArmError): FakeAnswer {
    this.violations.push(...responseProblems('compute.CloudError', error.body));
    return this.#toAnswer({ status: error.status, body: error.body, headers: error.options.headers ?? {} });
  }

  #toAnswer({ status, body, headers = {} }: ArmReply): FakeAnswer {
    const date = new Date(this.region.options.clock.wallMs()).toUTCString();
    const all = { 'content-type': 'application/json; charset=utf-8', date, ...headers };
    return { status, headers: all, body: body === undefined ? '' : JSON.stringify(body) };
  }

  #violation(what: string): ArmError {
    this.violations.push(what);
    return new ArmError(400, 'InvalidRequestContent', what);
  }
}

function parseBody(request: FakeRequest): Json {
  if (request.body === '') return {};
  const parsed: unknown = JSON.parse(request.body);
  if (!isJson(parsed)) throw new ArmError(400, 'InvalidRequestContent', 'The request content was invalid.');
  return parsed;
}
