import type { Clock } from '@drover/spec';
import { type FakeReply, type FakeRequest, type FakeServer, serveFake } from '../fake-server.ts';
import { type FakeAccount, type FakeDelays, newAccount } from './account.ts';
import { CallBuckets } from './call-buckets.ts';
import { consoleOutput, createTags, describeInstances, terminateInstances } from './describe-instances.ts';
import {
  describeImages,
  describeKeyPairs,
  describeSecurityGroups,
  describeSpotPrices,
  describeSubnets,
  describeTypeOfferings,
  importKeyPair,
} from './describe-region.ts';
import { Ec2Fault, unauthorized } from './ec2-fault.ts';
import { Faults } from './faults.ts';
import { FakeFleet } from './fleet.ts';
import { SchemaViolation } from './model.ts';
import { permits } from './policy.ts';
import { policyQuestions } from './policy-questions.ts';
import { type Ec2Call, readCall } from './query-codec.ts';
import { RunInstances } from './run-instances.ts';
import { numberIn, type Structure, textsIn } from './values.ts';
import { writeAnswer, writeError } from './xml-codec.ts';

/** How a fake is made. */
export interface FakeEc2Options {
  readonly clock: Clock;
  readonly delays?: Partial<FakeDelays>;
  /** Token buckets as AWS has them; default: calls are not limited. */
  readonly throttles?: boolean;
}

/** A call as it came in, and how it was answered: an error's code, `ok`, `reset` or `hang`. */
export interface SeenCall extends Ec2Call {
  readonly atMs: number;
  answer: string;
}

/**
 * EC2's query API on 127.0.0.1: states and delays of a region by a clock of the caller's, idempotent launches, capacity, quota,
 * pages, token buckets. Every request and answer is checked against AWS's own model; what that does not allow gives a 500 that
 * says so, and is kept in `violations`.
 */
export class FakeEc2 {
  readonly account: FakeAccount;
  readonly fleet: FakeFleet;
  readonly faults = new Faults();
  readonly calls: SeenCall[] = [];
  readonly violations: string[] = [];
  readonly #buckets: CallBuckets | undefined;
  readonly #actions: Readonly<Record<string, (input: Structure) => Structure>>;
  #server: FakeServer | undefined;
  #requests = 0;

  constructor({ clock, delays, throttles }: FakeEc2Options) {
    const defaults = {
      bootMs: 100,
      shutdownMs: 100,
      listedAfterMs: 0,
      knownAfterMs: 0,
      terminatedVisibleMs: 3_600_000,
      consoleMs: 50,
    };
    const account = newAccount(clock, { ...defaults, ...delays });
    const fleet = new FakeFleet(account);
    const runInstances = new RunInstances(account, fleet);
    this.account = account;
    this.fleet = fleet;
    this.#buckets = throttles === true ? new CallBuckets(clock) : undefined;
    this.#actions = {
      RunInstances: (input) => runInstances.run(input),
      DescribeInstances: (input) => describeInstances(fleet, input),
      TerminateInstances: (input) => terminateInstances(fleet, input),
      CreateTags: (input) => createTags(fleet, input),
      GetConsoleOutput: (input) =>
        consoleOutput(
          fleet,
          input,
          (vm) => clock.monotonicMs() >= vm.launchedAtMs + account.delays.bootMs + account.delays.consoleMs,
        ),
      DescribeSubnets: (input) => describeSubnets(account, input),
      DescribeSecurityGroups: (input) => describeSecurityGroups(account, input),
      DescribeImages: (input) => describeImages(account, input),
      DescribeInstanceTypeOfferings: (input) => describeTypeOfferings(account, input),
      DescribeSpotPriceHistory: (input) => describeSpotPrices(account, input),
      DescribeKeyPairs: (input) => describeKeyPairs(account, input),
      ImportKeyPair: (input) => importKeyPair(account, input),
    };
  }

  /** Begins to listen; gives the URL for the SDK's `endpoint`. */
  async listen(): Promise<string> {
    this.#server = await serveFake((request) => this.#answer(request));
    return this.#server.url;
  }

  async close(): Promise<void> {
    for (const { host } of this.fleet.all) host?.end();
    await this.#server?.close();
  }

  #answer(request: FakeRequest): FakeReply {
    this.#requests += 1;
    const requestId = `00000000-0000-4000-8000-${String(this.#requests).padStart(12, '0')}`;
    const { clock, clockOffsetMs } = this.account;
    const date = new Date(clock.wallMs() + clockOffsetMs).toUTCString();
    const headers = { 'content-type': 'text/xml;charset=UTF-8', date };
    let seen: SeenCall | undefined;
    try {
      const call = readCall(request.body);
      seen = { ...call, atMs: clock.monotonicMs(), answer: 'ok' };
      this.calls.push(seen);
      const reply = this.faults.take(call.action, call.input);
      if (reply === 'hang' || reply === 'reset') {
        seen.answer = reply;
        return reply;
      }
      if (reply instanceof Ec2Fault) throw reply;
      const output = this.#perform(call, request);
      const body = writeAnswer(call.action, requestId, output);
      if (reply !== 'done-then-reset') return { status: 200, headers, body };
      seen.answer = 'reset';
      return 'reset';
    } catch (error) {
      if (error instanceof Ec2Fault) {
        if (seen !== undefined) seen.answer = error.code;
        const body = writeError(error.code, error.message, requestId);
        return { status: error.status, headers: { ...headers, ...error.headers }, body };
      }
      if (error instanceof SchemaViolation) this.violations.push(error.message);
      throw error;
    }
  }

  #perform({ action, input }: Ec2Call, request: FakeRequest): Structure {
    this.#authorize({ action, input }, request);
    const instances = numberIn(input, 'MaxCount') ?? textsIn(input, 'InstanceIds').length;
    this.#buckets?.take(action, instances);
    const perform = this.#actions[action];
    if (perform === undefined) throw new Ec2Fault('InvalidAction', `The action ${action} is not valid`);
    return perform(input);
  }

  #authorize(call: Ec2Call, { headers }: FakeRequest): void {
    const keyId = /Credential=([^/,]+)\/\d{8}\/([a-z0-9-]+)\/ec2\/aws4_request/.exec(headers.authorization ?? '');
    if (keyId === null || !this.account.accessKeyIds.has(keyId[1] ?? '') || keyId[2] !== this.account.region)
      throw new Ec2Fault('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
    const { allowedActions, policy } = this.account;
    if (allowedActions !== undefined && !allowedActions.has(call.action)) throw unauthorized(call.action);
    if (policy === undefined) return;
    for (const question of policyQuestions(call, this.account, this.fleet))
      if (!permits(policy, question)) throw unauthorized(call.action, `${question.action} on ${question.resource}`);
  }
}
