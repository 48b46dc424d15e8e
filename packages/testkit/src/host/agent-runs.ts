import type { RunnerEvent, RunResult, StartRequest } from '@drover/spec';
import type { AgentHost } from './agent-host.ts';
import { type AgentRun, type AgentStore, inlineLogs, resultHash, summarizeLogs } from './agent-store.ts';
import type { RunPlan } from './host-options.ts';

/** Whom the runs tell. */
export interface RunsContext {
  readonly emit: (make: (sequence: number) => RunnerEvent) => void;
  /** One run less is alive. */
  readonly onEmpty: () => void;
}

/** How a run ended, where that is not as planned. */
type End = { readonly [K in keyof RunResult]?: RunResult[K] | undefined };

/** The runs of one VM: each is a shim that holds the lock of its container, and the workload below it. */
export class AgentRuns {
  readonly #host: AgentHost;
  readonly #store: AgentStore;
  readonly #context: RunsContext;

  constructor(host: AgentHost, store: AgentStore, context: RunsContext) {
    this.#host = host;
    this.#store = store;
    this.#context = context;
  }

  /** Puts a start into the journal. */
  write(request: StartRequest): AgentRun {
    const { clock, faults, planRun, instanceId, kernel } = this.#host;
    const { uuid, generation } = request;
    const plan: RunPlan = faults.startsFail
      ? { runTimeMs: 0, startError: 'the simulated VM cannot start anything' }
      : planRun(request, instanceId);
    const run: AgentRun = {
      uuid,
      generation,
      plan,
      startedAtMs: clock.wallMs(),
      gpuDevices: request.gpuDevices,
      pid: kernel.spawn({ uuid, generation }, 1, () => undefined).pid,
      state: 'running',
      result: undefined,
      hash: undefined,
      cancel: () => undefined,
    };
    this.#store.runs.set(uuid, run);
    return run;
  }

  /** The agent died between writing and starting: the next one finds no lock, and nobody knows. */
  neverBegan(run: AgentRun): void {
    this.#host.kernel.exit(run.pid);
    this.#finish(run, { exitCode: undefined, unknown: true });
  }

  launch(run: AgentRun, request: StartRequest, hostKey: string): void {
    const { clock, hooks, instanceId, kernel } = this.#host;
    const { uuid, generation, plan } = run;
    if (!kernel.lock(uuid, run.pid)) throw new Error(`a live process holds the lock of ${uuid}`);
    kernel.spawn({ uuid, generation }, run.pid, () => undefined);
    hooks.onRunStarted?.(instanceId, uuid, generation, hostKey);
    const limitMs = request.limits.maxRunTimeMs;
    const timedOut = limitMs > 0 && limitMs < plan.runTimeMs;
    run.cancel = clock.timer(timedOut ? limitMs : plan.runTimeMs, () =>
      this.#finish(run, timedOut ? { exitCode: undefined, signal: 'SIGTERM', timedOut: true } : {}),
    );
  }

  /** Signals the processes of a run, once it is proven that they are its own. */
  kill(uuid: string, generation: number): void {
    const { clock, faults, hooks, instanceId, kernel } = this.#host;
    const run = this.#store.runs.get(uuid);
    const isOurs = run?.generation === generation && run.state === 'running';
    if (run === undefined || (!isOurs && !faults.signalsStoredPids) || faults.killsFail || run.plan.unkillable === true)
      return;
    const hit = kernel.process(run.pid);
    if (hit !== undefined) hooks.onKill?.(instanceId, { uuid, generation }, hit.owner);
    if (!isOurs) return;
    run.cancel();
    run.cancel = clock.timer(run.plan.termTimeMs ?? 0, () =>
      this.#finish(run, { exitCode: undefined, signal: 'SIGTERM', killed: true }),
    );
  }

  /** The shim of a run dies. The workload holds the lock on for a while, and nobody will ever know how it ended. */
  loseSupervisor(uuid: string, staleMs: number): void {
    const run = this.#store.runs.get(uuid);
    if (run === undefined || run.state === 'finished') return;
    run.cancel();
    run.state = 'stale';
    run.cancel = this.#host.clock.timer(staleMs, () => this.#finish(run, { exitCode: undefined, unknown: true }));
  }

  /** Everything that runs is dead. */
  die(): void {
    const { hooks, instanceId } = this.#host;
    for (const run of this.#store.runs.values()) {
      run.cancel();
      if (run.state !== 'finished') hooks.onRunEnded?.(instanceId, run.uuid, run.generation, undefined);
    }
  }

  /** After a power loss: what has no result that its shim has synced has none. */
  recover(): void {
    for (const run of this.#store.runs.values())
      if (run.state !== 'finished') this.#finish(run, { exitCode: undefined, unknown: true }, { wasDead: true });
  }

  #finish(run: AgentRun, how: End, { wasDead = false } = {}): void {
    const { hooks, instanceId, kernel } = this.#host;
    const { plan, uuid, generation } = run;
    if (!wasDead) {
      for (const { pid, parent } of kernel.workers) if (parent === run.pid) kernel.exit(pid);
      kernel.exit(run.pid);
    }
    const result = this.#result(run, how);
    const hash = resultHash(result);
    run.state = 'finished';
    run.result = result;
    run.hash = hash;
    hooks.onRunEnded?.(instanceId, uuid, generation, result);
    const logs = inlineLogs(plan);
    this.#context.emit((sequence) => ({ type: 'finished', sequence, uuid, generation, result, hash, logs }));
    this.#context.onEmpty();
  }

  #result({ plan, startedAtMs }: AgentRun, how: End): RunResult {
    const ownEnd = plan.startError !== undefined || plan.signal !== undefined ? undefined : (plan.exitCode ?? 0);
    const exitCode = 'exitCode' in how ? how.exitCode : ownEnd;
    const signal = how.signal ?? ('exitCode' in how ? undefined : plan.signal);
    return {
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(signal === undefined ? {} : { signal }),
      ...(plan.startError === undefined ? {} : { startError: plan.startError }),
      oom: plan.oom ?? false,
      timedOut: how.timedOut ?? false,
      killed: how.killed ?? false,
      preempted: how.preempted ?? false,
      unknown: how.unknown ?? false,
      startedAtMs,
      finishedAtMs: this.#host.clock.wallMs(),
      ...(plan.peakRamBytes === undefined ? {} : { peakRamBytes: plan.peakRamBytes }),
      logs: summarizeLogs(plan),
    };
  }
}
