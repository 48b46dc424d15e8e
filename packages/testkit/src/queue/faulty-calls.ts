import { notLeading } from '@drover/queue-rules';
import { type CallOptions, type Clock, type ContainerUuid, QueueUnavailableError } from '@drover/spec';
import type { PlannedQueueFaults, QueueFault, QueueFaultPolicy, QueueOperation } from './queue-faults.ts';

/** What is asked of a database. */
export interface DatabaseCall {
  readonly operation: QueueOperation;
  readonly uuid?: ContainerUuid;
  readonly options: CallOptions;
}

/** The way to a database, as one connection finds it. */
export interface FaultyCallsPorts {
  readonly clock: Clock;
  /** Faults laid out by hand; they come before those by chance. */
  readonly planned: PlannedQueueFaults;
  readonly faults?: QueueFaultPolicy | undefined;
  /** Time from call to effect, and again from effect to answer; default 0: the effect lands within the call. */
  readonly latencyMs?: (() => number) | undefined;
  /** Takes the lead from whoever has it. */
  readonly loseLeadership: () => void;
}

/** The calls of one connection, each with its delays and faults around the effect. */
export class FaultyCalls {
  readonly #ports: FaultyCallsPorts;
  #closed = false;

  constructor(ports: FaultyCallsPorts) {
    this.#ports = ports;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Nothing more takes effect; calls are refused. */
  close(): void {
    this.#closed = true;
  }

  /** Carries one call out. @throws QueueUnavailableError, DroverError QUEUE_IN_USE; whatever `effect` throws */
  async perform<T>({ operation, uuid, options }: DatabaseCall, effect: () => T | Promise<T>): Promise<T> {
    this.#checkOpen(options.signal);
    const fault = this.#ports.planned.take(operation) ?? this.#ports.faults?.(operation, uuid);
    const latencyMs = this.#latencyMs();
    if (latencyMs > 0) {
      await this.#delay(latencyMs, options.signal);
      this.#checkOpen(options.signal);
    }
    if (fault !== undefined) this.#refuse(fault, operation);
    const outcome = effect();
    const answer = outcome instanceof Promise ? await outcome : outcome;
    if (fault === 'no-answer') await aborted(options.signal);
    if (latencyMs > 0) await this.#delay(this.#latencyMs(), options.signal);
    if (fault !== undefined) throw new QueueUnavailableError('the connection broke while the answer was awaited');
    return answer;
  }

  #refuse(fault: QueueFault, operation: QueueOperation): void {
    if (fault === 'busy') throw new QueueUnavailableError('the queue is busy', { retryAfterMs: 50 });
    if (fault === 'overloaded') throw new QueueUnavailableError('the queue is overloaded', { overloaded: true });
    if (fault !== 'lost-leadership') return;
    this.#ports.loseLeadership();
    throw notLeading(operation);
  }

  #checkOpen(signal: AbortSignal): void {
    if (this.#closed) throw new QueueUnavailableError('the queue is closed');
    if (signal.aborted) throw gaveUp(signal);
  }

  #latencyMs(): number {
    return this.#ports.latencyMs?.() ?? 0;
  }

  async #delay(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.clock.sleep(ms, { signal });
    } catch {
      throw gaveUp(signal);
    }
  }
}

function gaveUp(signal: AbortSignal): QueueUnavailableError {
  return new QueueUnavailableError('the queue did not answer in time', { cause: signal.reason });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(gaveUp(signal)), { once: true });
  });
}
