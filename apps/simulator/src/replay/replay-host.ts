import {
  type CancelTimer,
  type Clock,
  ConnectError,
  type InstanceId,
  type RunnerContainer,
  type RunnerEvent,
  type RunnerRequest,
  type RunnerStatus,
  type RunResult,
  type StartRequest,
} from '@drover/spec';
import { ReplayLine } from './replay-line.ts';

/** What a run does, as the trace has it. */
export interface PlannedRun {
  readonly runMs: number;
  readonly exitCode: number;
}

/** What happens on the VMs of a replay; called at once. */
export interface ReplayRuns {
  readonly plan: (uuid: string) => PlannedRun;
  readonly onStart: (id: InstanceId, uuid: string) => void;
  /** `ranMs` of a run that its VM took with it. */
  readonly onEnd: (id: InstanceId, uuid: string, lost: { readonly ranMs: number } | undefined) => void;
}

interface Run {
  readonly generation: number;
  readonly startedAtMs: number;
  readonly sinceMs: number;
  cancel: CancelTimer;
  result: RunResult | undefined;
}

/** Names a result; nothing can be mistaken for another one here. */
const resultHash = 'replayed';

type EventBody = RunnerEvent extends infer E
  ? E extends { readonly sequence: number }
    ? Omit<E, 'sequence'>
    : never
  : never;

/** One VM of a replay: a runner that speaks the protocol and never fails. Runs end when the trace says. */
export class ReplayHost {
  readonly id: InstanceId;
  readonly hostKey: string;
  /** Monotonic; it answers from then on. */
  readonly answersAtMs: number;
  readonly #clock: Clock;
  readonly #runs: ReplayRuns;
  readonly #byUuid = new Map<string, Run>();
  readonly #lines = new Set<ReplayLine>();
  #sequence = 0;
  #draining = false;

  constructor(vm: Pick<ReplayHost, 'id' | 'hostKey' | 'answersAtMs'>, clock: Clock, runs: ReplayRuns) {
    this.id = vm.id;
    this.hostKey = vm.hostKey;
    this.answersAtMs = vm.answersAtMs;
    this.#clock = clock;
    this.#runs = runs;
  }

  open(): ReplayLine {
    const line = new ReplayLine(
      (request) => this.#receive(line, request),
      () => this.#lines.delete(line),
    );
    this.#lines.add(line);
    return line;
  }

  status(): RunnerStatus {
    const containers = Array.from(this.#byUuid, ([uuid, { generation, startedAtMs, result }]): RunnerContainer => {
      const run = { uuid, generation, startedAtMs } as const;
      return result === undefined
        ? { ...run, state: 'running' }
        : { ...run, state: 'finished', result, hash: resultHash };
    });
    return { sequence: this.#sequence, bootId: this.id, containers, draining: this.#draining, version: 'replay' };
  }

  /** The cloud gives notice. */
  preempt(detail: string): void {
    this.#emit({ type: 'preempted', detail });
  }

  /** The VM is gone. */
  die(): void {
    for (const [uuid, run] of this.#byUuid) {
      run.cancel();
      if (run.result === undefined) this.#runs.onEnd(this.id, uuid, { ranMs: this.#clock.monotonicMs() - run.sinceMs });
    }
    this.#byUuid.clear();
    for (const line of this.#lines) line.end(new ConnectError('The instance is gone.'));
  }

  #receive(line: ReplayLine, request: RunnerRequest): void {
    const { id } = request;
    switch (request.type) {
      case 'list':
        return line.deliver({ type: 'status', id, status: this.status() });
      case 'start':
        return this.#start(line, request);
      case 'kill': {
        line.deliver({ type: 'ok', id });
        const run = this.#byUuid.get(request.uuid);
        if (run !== undefined && run.result === undefined)
          this.#finish(request.uuid, run, { killed: true, exitCode: 143 });
        return;
      }
      case 'ack':
        this.#byUuid.delete(request.uuid);
        return line.deliver({ type: 'ok', id });
      case 'drain':
        this.#draining = request.on;
        return line.deliver({ type: 'ok', id });
      case 'logs':
        return line.deliver({ type: 'refused', id, code: 'not-found', message: 'a replay has no logs' });
      case 'hello':
      case 'renew':
        return line.deliver({ type: 'ok', id });
      default:
        return unreachable(request);
    }
  }

  #start(line: ReplayLine, { id, uuid, generation }: StartRequest): void {
    if (this.#draining) {
      line.deliver({ type: 'refused', id, code: 'draining', message: 'told to accept nothing more' });
      return;
    }
    line.deliver({ type: 'ok', id });
    const { runMs, exitCode } = this.#runs.plan(uuid);
    const startedAtMs = this.#clock.wallMs();
    const finish = (): void => this.#finish(uuid, run, { killed: false, exitCode });
    const run: Run = {
      generation,
      startedAtMs,
      sinceMs: this.#clock.monotonicMs(),
      cancel: this.#clock.timer(runMs, finish),
      result: undefined,
    };
    this.#byUuid.set(uuid, run);
    this.#runs.onStart(this.id, uuid);
    this.#emit({ type: 'started', uuid, generation, startedAtMs });
  }

  #finish(uuid: string, run: Run, how: { readonly killed: boolean; readonly exitCode: number }): void {
    run.cancel();
    const { generation, startedAtMs } = run;
    const result: RunResult = {
      exitCode: how.exitCode,
      oom: false,
      timedOut: false,
      killed: how.killed,
      preempted: false,
      unknown: false,
      startedAtMs,
      finishedAtMs: this.#clock.wallMs(),
      logs: [],
    };
    run.result = result;
    this.#runs.onEnd(this.id, uuid, undefined);
    this.#emit({ type: 'finished', uuid, generation, result, hash: resultHash, logs: [] });
  }

  #emit(body: EventBody): void {
    this.#sequence += 1;
    for (const line of this.#lines) line.deliver({ ...body, sequence: this.#sequence });
  }
}

function unreachable(request: never): never {
  throw new Error(`no such request: ${JSON.stringify(request)}`);
}
