import {
  type CancelTimer,
  type Clock,
  ConnectError,
  DroverError,
  type LineChannel,
  type RunnerEvent,
  type RunnerReply,
  type RunnerRequest,
  runnerProtocolVersion,
} from '@drover/spec';
import { RunnerLines } from './runner-lines.ts';
import type { RunnerAnswer } from './worker-protocol.ts';

/** A request without its number. */
export type RequestBody = RunnerRequest extends infer R
  ? R extends { readonly id: number }
    ? Omit<R, 'id'>
    : never
  : never;

/** Whom the channel tells. */
export interface RunnerChannelContext {
  readonly clock: Clock;
  /** At least this often a line is sent, so that the runner's leases do not run out. */
  readonly renewMs: number;
  readonly replyTimeoutMs: number;
  /** Events up to this one were received before. */
  readonly afterSequence: number;
  readonly onEvent: (event: RunnerEvent) => void;
  readonly onCongestion: (congested: boolean) => void;
  /** Called once, however the channel ended. Requests that were not answered are told first. */
  readonly onClose: (error: Error | undefined) => void;
}

/** The reply to a request, or why there will be none. */
export type OnReply = (reply: RunnerReply | Error) => void;

interface Pending {
  readonly sentAtMs: number;
  readonly onReply: OnReply;
}

/** How long a request that nobody waits for may linger, and how many of them. */
const lingerMs = 20;
const maxWaiting = 64;

/** More unanswered requests than this count as congestion. */
const maxPending = 4_096;

/** The runner protocol over one line channel: numbers requests, hands out replies, renews the leases, notices silence. */
export class RunnerChannel {
  readonly #line: LineChannel;
  readonly #context: RunnerChannelContext;
  readonly #lines = new RunnerLines();
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #lastSentAtMs: number;
  #sequence: number;
  #congested = false;
  #closed = false;
  #watchedAtMs = 0;
  #cancelWatch: CancelTimer = () => undefined;
  #cancelLinger: CancelTimer | undefined;
  readonly #waiting: { readonly body: RequestBody; readonly onReply: OnReply }[] = [];

  constructor(line: LineChannel, context: RunnerChannelContext) {
    this.#line = line;
    this.#context = context;
    this.#sequence = context.afterSequence;
    this.#lastSentAtMs = context.clock.monotonicMs();
    line.onLine((text) => this.#receive(text));
    line.onDrain(() => this.#setCongested(this.#pending.size > maxPending));
    line.onClose((error) => this.#ended(error));
    this.#watch();
  }

  /** The highest event number received. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Sends at once; `onReply` is called exactly once, later. */
  request(body: RequestBody, onReply: OnReply): void {
    if (this.#waiting.length > 0) this.#sendWaiting();
    this.#send(body, onReply);
  }

  /**
   * Sends in one packet with another request, of this turn or the next one, or after a moment: for what nobody waits for. A packet of
   * its own costs every process on the way a wake-up, a tenth of what a short container costs altogether.
   */
  requestSoon(body: RequestBody, onReply: OnReply): void {
    this.#waiting.push({ body, onReply });
    if (this.#closed || this.#line.sending === true || this.#waiting.length >= maxWaiting) this.#sendWaiting();
    else this.#cancelLinger ??= this.#context.clock.timer(lingerMs, () => this.#sendWaiting());
  }

  #sendWaiting(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    for (const { body, onReply } of this.#waiting.splice(0)) this.#send(body, onReply);
  }

  #send(body: RequestBody, onReply: OnReply): void {
    if (this.#closed) {
      onReply(new ConnectError('The control channel is closed.'));
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#lastSentAtMs = this.#context.clock.monotonicMs();
    this.#pending.set(id, { sentAtMs: this.#lastSentAtMs, onReply });
    // Put off before it fires for nothing, as it would after every probe; not at every request of a burst.
    if (this.#lastSentAtMs - this.#watchedAtMs >= this.#context.renewMs / 2) this.#watch();
    try {
      const keepsUp = this.#line.send(toLine(body, id));
      if (!keepsUp || this.#pending.size > maxPending) this.#setCongested(true);
    } catch (error) {
      this.fail(error instanceof Error ? error : new ConnectError('The control channel is closed.', { cause: error }));
    }
  }

  /** Closes from this side. */
  close(): void {
    this.#ended(undefined);
  }

  /** Closes because something is wrong with it. */
  fail(error: Error): void {
    this.#ended(error);
  }

  #receive(text: string): void {
    if (this.#closed) return;
    const message = this.#lines.read(text);
    if (message === undefined) {
      this.fail(new DroverError('RUNNER_PROTOCOL', 'The runner sent a line that is not of its protocol.'));
      return;
    }
    if (!('id' in message)) {
      // Events that were received before come again after a reconnect.
      if (message.sequence <= this.#sequence) return;
      this.#sequence = message.sequence;
      this.#context.onEvent(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    pending.onReply(message);
    if (message.type === 'refused' && message.code === 'superseded')
      this.fail(new DroverError('RUNNER_REFUSED', `The runner listens to somebody newer: ${message.message}`));
  }

  /** Looks again when, as far as is known now, the leases are to be renewed or an answer is overdue. */
  #watch(): void {
    const { clock, replyTimeoutMs } = this.#context;
    const nowMs = clock.monotonicMs();
    this.#cancelWatch();
    this.#watchedAtMs = nowMs;
    const wakeAtMs = Math.min(this.#renewAtMs(), this.#overdueAtMs() ?? nowMs + replyTimeoutMs);
    this.#cancelWatch = clock.timer(wakeAtMs - nowMs, () => this.#look());
  }

  #look(): void {
    const { clock, replyTimeoutMs } = this.#context;
    const nowMs = clock.monotonicMs();
    if (nowMs >= (this.#overdueAtMs() ?? Number.POSITIVE_INFINITY)) {
      this.fail(new ConnectError(`The runner did not answer within ${replyTimeoutMs / 1_000} s.`));
      return;
    }
    if (nowMs >= this.#renewAtMs()) this.request({ type: 'renew' }, () => undefined);
    if (!this.#closed) this.#watch();
  }

  #renewAtMs(): number {
    return this.#lastSentAtMs + this.#context.renewMs;
  }

  /** When the oldest request will have waited too long; undefined: none waits. */
  #overdueAtMs(): number | undefined {
    const [oldest] = this.#pending.values();
    return oldest === undefined ? undefined : oldest.sentAtMs + this.#context.replyTimeoutMs;
  }

  #setCongested(congested: boolean): void {
    if (this.#closed || this.#congested === congested) return;
    this.#congested = congested;
    this.#context.onCongestion(congested);
  }

  #ended(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelWatch();
    this.#line.close();
    const unanswered = [...this.#pending.values()];
    this.#pending.clear();
    const why = error ?? new ConnectError('The control channel was closed.');
    for (const { onReply } of unanswered) onReply(why);
    this.#sendWaiting();
    this.#context.onClose(error);
  }
}

/** What is asked without more words, and most often, needs no serializer. */
function toLine(body: RequestBody, id: number): string {
  if (body.type === 'list' || body.type === 'renew') return `{"type":"${body.type}","id":${id}}`;
  return JSON.stringify({ ...body, id });
}

/** The first line on a control channel. */
export function helloRequest(hello: {
  readonly epoch: number;
  readonly session: number;
  readonly afterSequence: number;
  readonly acceptMs: number;
  readonly deadManMs: number;
}): RequestBody {
  const { epoch, session, afterSequence, acceptMs, deadManMs } = hello;
  return {
    type: 'hello',
    version: runnerProtocolVersion,
    epoch,
    session,
    afterSequence,
    leases: { acceptMs, deadManMs },
  };
}

/** The runner answered something else than was asked, or refused. */
export function unexpectedReply(request: string, reply: RunnerReply): DroverError {
  if (reply.type === 'refused')
    return new DroverError('RUNNER_REFUSED', `The runner refused ${request} (${reply.code}): ${reply.message}`, {
      retryable: reply.code === 'superseded',
    });
  return new DroverError('RUNNER_PROTOCOL', `The runner answered ${request} with ${reply.type}.`);
}

/** A reply as the core takes it; undefined when none came: what was asked for may or may not have happened. */
export function toAnswer(reply: RunnerReply | Error): RunnerAnswer | undefined {
  if (reply instanceof Error) return undefined;
  return reply.type === 'refused' ? { ok: false, code: reply.code, message: reply.message } : { ok: true };
}
