import { createHash } from 'node:crypto';
import {
  type CancelTimer,
  type InlineLog,
  inlineLogBytes,
  type LogStream,
  type LogSummary,
  type RunnerContainer,
  type RunResult,
  type StartRequest,
} from '@drover/spec';
import type { HostRun, HostWorld, Workload } from './host-world.ts';

/** Whom a run tells what becomes of it. */
export interface RunListener {
  readonly onRunning: () => void;
  readonly onFinished: () => void;
}

/** One run of a container on a simulated VM: workload, supervisor and stored result together. They survive the agent. */
export class SimulatedRun {
  readonly key: HostRun;
  readonly #world: HostWorld;
  readonly #listener: RunListener;
  readonly #workload: Workload;
  readonly #unkillable: boolean;
  readonly #supervisorKilled: boolean;
  readonly #logs: ReadonlyMap<LogStream, Uint8Array>;
  #startedAtMs: number | undefined;
  #result: RunResult | undefined;
  #hash = '';
  #killed = false;
  #vanished = false;
  #cancel: CancelTimer = () => undefined;

  constructor(key: HostRun, request: StartRequest, world: HostWorld, listener: RunListener) {
    this.key = key;
    this.#world = world;
    this.#listener = listener;
    this.#workload = world.workload(request.container);
    this.#unkillable = world.dice.strikes('unkillable', world.faults.unkillableRate);
    this.#supervisorKilled = world.dice.strikes('supervisorKilled', world.faults.supervisorKilledRate);
    this.#logs = new Map(
      (['stdout', 'stderr'] as const).map((stream) => [stream, this.#workload[stream] ?? new Uint8Array()]),
    );
    this.#cancel = this.#in(world.dice.delayMs('startDelay', world.startDelay), () => this.#begin(request));
  }

  /** The workload is alive, or about to be. */
  get isLive(): boolean {
    return this.#result === undefined && !this.#vanished;
  }

  get result(): RunResult | undefined {
    return this.#result;
  }

  get hash(): string {
    return this.#hash;
  }

  get startedAtMs(): number | undefined {
    return this.#startedAtMs;
  }

  /** Ends the workload soon, as its signal would; `because` says who wanted that. */
  kill(because: 'killed' | 'preempted'): void {
    if (this.#killed || !this.isLive || this.#unkillable) return;
    this.#killed = true;
    this.#cancel();
    const { dice, startDelay } = this.#world;
    this.#cancel = this.#in(dice.delayMs('killDelay', startDelay), () =>
      this.#finish({ signal: 'SIGTERM', [because]: true }),
    );
  }

  /** The VM is gone: nothing of it happens any more, and nobody will ever see a result. */
  vanish(): void {
    this.#vanished = true;
    this.#cancel();
  }

  list(): RunnerContainer {
    const { uuid, generation } = this.key;
    const base = { uuid, generation, ...(this.#startedAtMs === undefined ? {} : { startedAtMs: this.#startedAtMs }) };
    if (this.#result !== undefined) return { ...base, state: 'finished', result: this.#result, hash: this.#hash };
    return { ...base, state: this.#startedAtMs === undefined ? 'starting' : 'running' };
  }

  /** Whole streams when each is short, as they travel with the event. */
  inlineLogs(): readonly InlineLog[] {
    const kept = [...this.#logs].filter(([, bytes]) => bytes.length > 0);
    if (kept.some(([, bytes]) => bytes.length > inlineLogBytes)) return [];
    return kept.map(([stream, bytes]) => ({ stream, base64: Buffer.from(bytes).toString('base64') }));
  }

  readLog(stream: LogStream, offset: number, maxBytes: number): { readonly bytes: Uint8Array; readonly end: boolean } {
    const all = this.#logs.get(stream) ?? new Uint8Array();
    const bytes = all.subarray(offset, offset + maxBytes);
    return { bytes, end: offset + bytes.length >= all.length };
  }

  #begin({ limits }: StartRequest): void {
    const { startError, durationMs } = this.#workload;
    this.#startedAtMs = this.#world.clock.wallMs();
    if (startError !== undefined) {
      this.#finish({ startError });
      return;
    }
    this.#listener.onRunning();
    const timedOut = limits.maxRunTimeMs > 0 && durationMs > limits.maxRunTimeMs;
    this.#cancel = this.#in(timedOut ? limits.maxRunTimeMs : durationMs, () =>
      this.#finish(timedOut ? { timedOut, signal: 'SIGTERM' } : this.#ownEnd()),
    );
  }

  #ownEnd(): Partial<RunResult> {
    const { exitCode, signal, oom } = this.#workload;
    if (this.#supervisorKilled) return { unknown: true };
    if (signal !== undefined) return { signal, oom: oom === true };
    return { exitCode: exitCode ?? 0 };
  }

  #finish(end: Partial<RunResult>): void {
    this.#result = {
      oom: false,
      timedOut: false,
      killed: false,
      preempted: false,
      unknown: false,
      startedAtMs: this.#startedAtMs ?? this.#world.clock.wallMs(),
      finishedAtMs: this.#world.clock.wallMs(),
      logs: [...this.#logs].map(([stream, bytes]) => summary(stream, bytes)),
      ...end,
    };
    this.#hash = sha256(JSON.stringify(this.#result));
    this.#world.hooks.onResult?.(this.key, this.#result);
    this.#listener.onFinished();
  }

  #in(delayMs: number, callback: () => void): CancelTimer {
    return this.#world.clock.timer(delayMs, callback);
  }
}

function summary(stream: LogStream, bytes: Uint8Array): LogSummary {
  return { stream, sizeBytes: bytes.length, droppedBytes: 0, sha256: bytes.length === 0 ? '' : sha256(bytes) };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
