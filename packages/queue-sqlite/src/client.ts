import { queueInUse } from '@drover/queue-rules';
import { type CallOptions, type CancelTimer, type Clock, QueueUnavailableError, type Unsubscribe } from '@drover/spec';
import { ForeseenPoll } from './foreseen-poll.ts';
import { type BatchOutcome, type Envelope, type Reply, type Request, weightOf } from './protocol.ts';
import { maxPendingBytes, maxPendingRequests } from './sqlite-options.ts';
import type { Transport } from './transport.ts';
import { fromWire } from './wire-error.ts';

/**
 * The scheduler's own changes wake it this late: it knows of them by the answers, and a look at the queue after each of them is a
 * tenth of what a short container costs. Seldom enough to cost nothing, often enough that a look does not read thousands.
 */
const ownChangesMs = 500;

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (why: Error) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  readonly weightBytes: number;
}

/**
 * The caller's side: numbers requests, sends those of one tick together, hands out the answers. What is aborted on its
 * way may still take effect; the caller hears QueueUnavailableError and reads again.
 */
export class Client {
  /** For the scheduler's port. */
  readonly foreseen = new ForeseenPoll();
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  readonly #wakes = new Set<() => void>();
  readonly #changes = new Set<() => void>();
  readonly #leads = new Map<number, (why: Error) => void>();
  #outbox: Envelope[] = [];
  #transport: Transport | undefined;
  #lastId = 0;
  #pendingBytes = 0;
  #dead: Error | undefined;
  #cancelWake: CancelTimer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The transport needs the client's callbacks first, so it comes second. */
  connect(transport: Transport): void {
    this.#transport = transport;
  }

  /** Rejects with the error that the request met, or QueueUnavailableError when its outcome is not known. */
  call(request: Request, { signal }: CallOptions): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const weightBytes = weightOf(request);
      const refusal = this.#refusal(signal, weightBytes);
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      this.#lastId += 1;
      const id = this.#lastId;
      const onAbort = (): void => this.#take(id)?.reject(gaveUp(signal));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { resolve, reject, signal, onAbort, weightBytes });
      this.#pendingBytes += weightBytes;
      // After all microtasks of this turn: what one turn decides is one transaction (a result, and the lock of what comes next).
      if (this.#outbox.length === 0) process.nextTick(() => this.#flush());
      this.#outbox.push({ id, atMs: this.#clock.wallMs(), request });
    });
  }

  /** For the scheduler: at once when a user has changed something. */
  onWake(listener: () => void): Unsubscribe {
    this.#wakes.add(listener);
    return () => this.#wakes.delete(listener);
  }

  /** For whoever shows what happens: at every change. */
  onChange(listener: () => void): Unsubscribe {
    this.#changes.add(listener);
    return () => this.#changes.delete(listener);
  }

  /** Calls back once when the lead of this epoch is lost. */
  onLeadLost(epoch: number, listener: (why: Error) => void): void {
    if (this.#dead === undefined) this.#leads.set(epoch, listener);
    else listener(this.#dead);
  }

  readonly onOutcome = (outcome: BatchOutcome): void => {
    const lastId = this.#lastId;
    for (const { id, reply } of outcome.replies) {
      const pending = this.#take(id);
      if (reply.kind === 'error') pending?.reject(fromWire(reply.error));
      else pending?.resolve(reply);
    }
    if (outcome.lostEpoch !== undefined) this.#loseLead(outcome.lostEpoch, queueInUse(undefined));
    if (outcome.changedBy === 'nobody' || this.#dead !== undefined) return;
    for (const tell of this.#changes) tell();
    if (outcome.changedBy === 'user') this.foreseen.during(outcome.replies, lastId, () => this.#wake());
    else this.#cancelWake ??= this.#clock.timer(ownChangesMs, () => this.#wake());
  };

  #wake(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    for (const wake of this.#wakes) wake();
  }

  readonly onDeath = (why: Error): void => {
    if (this.#dead !== undefined) return;
    this.#dead = why;
    this.#cancelWake?.();
    for (const id of this.#pending.keys()) this.#take(id)?.reject(why);
    for (const epoch of this.#leads.keys()) this.#loseLead(epoch, why);
  };

  /** Answers what was sent, then closes the database. Calls from now on are refused. */
  async close(): Promise<void> {
    if (this.#dead !== undefined) return;
    this.#flush();
    this.#leads.clear();
    this.#cancelWake?.();
    const closing = this.#transport?.close();
    this.#dead = new QueueUnavailableError('the queue is closed');
    await closing;
    for (const id of this.#pending.keys()) this.#take(id)?.reject(this.#dead);
  }

  #refusal(signal: AbortSignal, weightBytes: number): Error | undefined {
    if (this.#dead !== undefined) return this.#dead;
    if (signal.aborted) return gaveUp(signal);
    const { size } = this.#pending;
    const fits = size < maxPendingRequests && this.#pendingBytes + weightBytes <= maxPendingBytes;
    if (fits || size === 0) return undefined;
    return new QueueUnavailableError(`${size} requests to the queue wait already, ${this.#pendingBytes} bytes`, {
      overloaded: true,
      retryAfterMs: 250,
    });
  }

  #flush(): void {
    const batch = this.#outbox;
    if (batch.length === 0 || this.#dead !== undefined) return;
    this.#outbox = [];
    const poll = this.foreseen.along(batch, this.#lastId + 1);
    if (poll !== undefined) {
      this.#lastId = poll.id;
      batch.push(poll);
    }
    try {
      this.#transport?.send(batch);
    } catch (cause) {
      const why = new QueueUnavailableError('the request could not be handed to the queue', { cause });
      for (const { id } of batch) this.#take(id)?.reject(why);
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    this.#pendingBytes -= pending.weightBytes;
    pending.signal.removeEventListener('abort', pending.onAbort);
    return pending;
  }

  #loseLead(epoch: number, why: Error): void {
    const listener = this.#leads.get(epoch);
    this.#leads.delete(epoch);
    listener?.(why);
  }
}

function gaveUp(signal: AbortSignal): QueueUnavailableError {
  return new QueueUnavailableError('the queue did not answer in time', { cause: signal.reason });
}
