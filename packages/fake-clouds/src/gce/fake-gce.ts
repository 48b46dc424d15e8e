import type { Clock } from '@drover/spec';
import { type FakeReply, type FakeRequest, serveFake } from '../fake-server.ts';
import { answerCall } from './answer-call.ts';
import { Cloud } from './cloud.ts';
import { checkAnswer, type GceCall, readCall } from './discovery.ts';
import { fakeGceDefaults, type FakeGceOptions } from './fake-options.ts';
import { checkCaller } from './permissions.ts';
import { Refusal } from './refusal.ts';

/** A fake of Compute Engine at work. */
export interface FakeGce {
  /** Base URL, to be given as `apiEndpoint`. */
  readonly url: string;
  readonly cloud: Cloud;
  /** Every call so far, oldest first. */
  readonly calls: readonly GceCall[];
  /** What was not as Google's schema has it; empty in a good test. */
  readonly violations: readonly string[];
  close(): Promise<void>;
}

/** Serves a fake on 127.0.0.1. A request or an answer that Google's schema does not allow is a 500 and a violation. */
export async function startFakeGce(options: Partial<FakeGceOptions> & { readonly clock: Clock }): Promise<FakeGce> {
  const cloud = new Cloud({ ...fakeGceDefaults, ...options });
  const calls: GceCall[] = [];
  const violations: string[] = [];
  const rate = new CallRate(cloud);
  let baseUrl = '';
  const handle = async (request: FakeRequest): Promise<FakeReply> => {
    let call: GceCall | undefined;
    try {
      call = readCall(request.method, request.url, request.body);
    } catch (error) {
      violations.push(String(error));
      throw error;
    }
    if (call === undefined) return { status: 404, body: `no such method: ${request.method} ${request.url.pathname}` };
    calls.push(call);
    try {
      rate.take();
      const fault = cloud.faults.intercept(call);
      if (fault === 'hang' || fault === 'reset') return fault;
      checkCaller(call, cloud);
      const answer = await answerCall(call, { cloud, baseUrl: () => baseUrl });
      checkAnswer(call.id, answer);
      return fault === 'reset-after' ? 'reset' : reply(200, JSON.stringify(answer), cloud);
    } catch (error) {
      if (error instanceof Refusal) return reply(error.status, error.body(), cloud, error.retryAfterSeconds);
      violations.push(String(error));
      throw error;
    }
  };
  const server = await serveFake(handle);
  baseUrl = server.url;
  const close = (): Promise<void> => {
    cloud.close();
    return server.close();
  };
  return { url: server.url, cloud, calls, violations, close };
}

function reply(status: number, body: string, cloud: Cloud, retryAfterSeconds?: number): FakeReply {
  const date = new Date(cloud.options.clock.wallMs() + cloud.faults.clockSkewMs).toUTCString();
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { status, body, headers: { 'content-type': 'application/json; charset=UTF-8', date, ...retryAfter } };
}

/** Calls are counted per minute, and all of a minute's are there again at the next. */
class CallRate {
  readonly #cloud: Cloud;
  #minute = 0;
  #taken = 0;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  take(): void {
    const minute = Math.floor(this.#cloud.options.clock.wallMs() / 60_000);
    if (minute !== this.#minute) this.#taken = 0;
    this.#minute = minute;
    this.#taken += 1;
    if (this.#taken > this.#cloud.faults.callsPerMinute)
      throw new Refusal(403, 'rateLimitExceeded', 'Rate Limit Exceeded');
  }
}
