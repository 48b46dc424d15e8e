import type { KillRequest, LogsRequest, RunnerContainer, StartRequest } from '@drover/spec';
import type { JournalRun } from './agent-state.ts';
import { parseRunKey, runKey } from './run-folders.ts';
import { RunEnds, type RunsContext } from './run-ends.ts';
import { judgeAck, judgeStart, type Refusal, refuse } from './run-rules.ts';
import { listRun, newRun, type Run, shimStart, startedEvent, storedLog } from './run.ts';
import type { SpawnerReport } from './spawner-frames.ts';
import type { LogPart } from './stored-logs.ts';

/**
 * Results in one list; of further ended runs only the hash is listed, so that a line stays below 1 MiB. Their events carry them, and
 * they come up as the first ones are acknowledged.
 */
const maxListedResults = 400;

/** All runs on this VM: from the start request to the acknowledged result. */
export class Runs {
  readonly #context: RunsContext;
  readonly #ends: RunEnds;
  readonly #runs = new Map<string, Run>();
  /** Runs of an earlier agent that have not been looked at yet; listing waits for them. */
  readonly #unresolved = new Set<string>();
  readonly #rebooted: boolean;
  #resolveAdopted: () => void = () => {};
  /** Resolves once every run of an earlier agent has been found alive, ended or gone. */
  readonly adopted: Promise<void>;

  constructor(context: RunsContext) {
    this.#context = context;
    this.#ends = new RunEnds(context, (run) => this.#resolve(run));
    this.#rebooted = context.state.bootId !== context.ports.bootId;
    this.adopted = new Promise((resolve) => {
      this.#resolveAdopted = resolve;
    });
  }

  list(): readonly RunnerContainer[] {
    let results = 0;
    return [...this.#runs.values()].map((run) => {
      if (run.end !== undefined) results += 1;
      return listRun(run, results <= maxListedResults);
    });
  }

  /** Nothing runs, and every result was collected. */
  get isEmpty(): boolean {
    return this.#runs.size === 0;
  }

  /** Resolves when the start is durable and under way. */
  async start(request: StartRequest): Promise<Refusal | undefined> {
    const { ports, state } = this.#context;
    const verdict = judgeStart(this.#runs.get(request.uuid), state.acked.get(request.uuid), request.generation);
    if (verdict === 'under-way') return undefined;
    if (verdict !== 'start') return verdict;
    const run = newRun(request.uuid, request.generation, request.gpuDevices);
    try {
      run.request = shimStart(run.key, request, ports);
    } catch (error) {
      return refuse('bad-request', error instanceof Error ? error.message : String(error));
    }
    this.#runs.set(run.uuid, run);
    this.#context.record(['start', run.uuid, run.generation, run.gpuDevices.join(',')]);
    run.storing = true;
    try {
      await ports.journal.durable();
      run.storing = false;
    } catch (error) {
      this.#runs.delete(run.uuid);
      this.#context.record(['never-ran', run.uuid]);
      return refuse('broken', `the start cannot be stored: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (run.request !== undefined) ports.spawner.start(run.request);
    return undefined;
  }

  kill(request: KillRequest): Refusal | undefined {
    const run = this.#runs.get(request.uuid);
    if (run === undefined || run.state === 'finished' || request.generation > run.generation) return undefined;
    if (request.generation < run.generation) {
      return refuse('stale-generation', `generation ${run.generation} is here; ${request.generation} is older`);
    }
    run.killRequested = true;
    if (run.state === 'stale') this.#context.ports.spawner.killStale(run.key);
    else this.#context.ports.folders.order(run.key, 'T');
    return undefined;
  }

  ack(uuid: string, generation: number, hash: string): Refusal | undefined {
    const { ports, state, outbox } = this.#context;
    const run = this.#runs.get(uuid);
    const verdict = judgeAck(run, state.acked.get(uuid), generation, hash);
    if (verdict === 'done') return undefined;
    if (verdict !== 'forget') return verdict;
    const known = state.runs.get(uuid);
    outbox.drop(known?.startedSequence);
    outbox.drop(known?.finishedSequence);
    this.#context.record(['ack', uuid, generation]);
    this.#runs.delete(uuid);
    const key = runKey(uuid, generation);
    ports.spawner.forget(key);
    return undefined;
  }

  /** Undefined: there is no such run. */
  readLog(request: LogsRequest, maxBytes: number): LogPart | undefined {
    const run = this.#runs.get(request.uuid);
    if (run === undefined || run.generation !== request.generation) return undefined;
    const log = storedLog(run, request.stream);
    return this.#context.ports.folders.read(run.key, request.stream, log, request.offset, maxBytes);
  }

  /** The VM is being taken away: everything that runs gets SIGTERM once, to save what it can. */
  preempt(): void {
    for (const run of this.#runs.values()) {
      if (run.state === 'running' || run.state === 'starting') this.#context.ports.folders.order(run.key, 'P');
    }
  }

  /** Asks after the runs whose end nobody would report (`all`: after every one, in case a report was lost). */
  sweep(all: boolean): void {
    if (all) this.#adoptFolders();
    for (const run of this.#runs.values()) {
      if (run.state !== 'finished' && !run.ending && (all || run.adopted)) this.#context.ports.spawner.probe(run.key);
    }
  }

  /** Anything that has to be looked at, because its shim belongs to an earlier spawner? */
  get hasAdopted(): boolean {
    return [...this.#runs.values()].some((run) => run.adopted && run.state !== 'finished');
  }

  handle(report: SpawnerReport): void {
    if (report.verb === 'ready') {
      this.#reconcile();
      return;
    }
    const run = this.#find(report.key);
    if (run === undefined || run.state === 'finished' || run.ending) return;
    this.#apply(run, report);
  }

  #apply(run: Run, { verb, text }: SpawnerReport): void {
    switch (verb) {
      case 'started':
        this.#started(run, Number(text));
        return;
      case 'running': {
        const [owner, startedAtMs] = text.split(' ');
        run.adopted = owner === 'adopted';
        run.request = undefined;
        if (Number(startedAtMs) > 0) this.#started(run, Number(startedAtMs));
        this.#resolve(run);
        return;
      }
      case 'finished-full':
        this.#context.broken('the disk is full');
        this.#ends.read(run, text);
        return;
      case 'finished':
        this.#ends.read(run, text);
        return;
      case 'stale':
        run.adopted = true;
        run.state = 'stale';
        if (run.killRequested) this.#context.ports.spawner.killStale(run.key);
        this.#resolve(run);
        return;
      case 'gone':
        this.#gone(run);
        return;
      case 'exists':
        run.request = undefined;
        this.#context.ports.spawner.probe(run.key);
        return;
      case 'failed':
        this.#context.broken(`a run could not be set up: ${text}`);
        this.#ends.lost(run, `the VM could not set up the run: ${text}`);
        return;
      case 'ready':
    }
  }

  /** After a start of the agent or of the spawner: what the journal knows and what the disk holds must agree. */
  #reconcile(): void {
    const { ports, state } = this.#context;
    for (const known of state.runs.values()) {
      if (!this.#runs.has(known.uuid)) this.#restore(known);
    }
    this.#adoptFolders();
    for (const run of this.#runs.values()) {
      if (run.state !== 'finished') ports.spawner.probe(run.key);
    }
    if (this.#unresolved.size === 0) this.#resolveAdopted();
  }

  /** Folders of runs that nobody here knows; normally none. */
  #adoptFolders(): void {
    const { ports, state } = this.#context;
    for (const key of ports.folders.list()) {
      const named = parseRunKey(key);
      if (named === undefined) continue;
      if ((state.acked.get(named.uuid) ?? -1) >= named.generation) ports.spawner.forget(key);
      else if (!this.#runs.has(named.uuid)) this.#restore(this.#journalRun(named.uuid, named.generation));
    }
  }

  #restore(known: JournalRun): void {
    const gpuDevices = known.gpuDevices === '' ? [] : known.gpuDevices.split(',').map(Number);
    const run = newRun(known.uuid, known.generation, gpuDevices);
    run.startedAtMs = known.startedAtMs;
    if (known.startedSequence !== undefined) {
      run.state = 'running';
      this.#context.outbox.restore(known.startedSequence, startedEvent(run, known.startedSequence));
    }
    this.#runs.set(known.uuid, run);
    if (known.lostRecord !== undefined) {
      this.#ends.read(run, known.lostRecord);
      return;
    }
    this.#unresolved.add(run.key);
  }

  /** The journal's entry, made when only the folder is left of a run. */
  #journalRun(uuid: string, generation: number): JournalRun {
    const { state } = this.#context;
    if (!state.runs.has(uuid)) this.#context.record(['start', uuid, generation, '']);
    const known = state.runs.get(uuid);
    if (known === undefined) throw new Error(`the journal did not take the start of ${uuid}`);
    return known;
  }

  #find(key: string): Run | undefined {
    const named = parseRunKey(key);
    const run = named === undefined ? undefined : this.#runs.get(named.uuid);
    return run?.key === key ? run : undefined;
  }

  #resolve(run: Run): void {
    if (this.#unresolved.delete(run.key) && this.#unresolved.size === 0) this.#resolveAdopted();
  }

  #started(run: Run, startedAtMs: number): void {
    const { state, outbox, ports } = this.#context;
    run.request = undefined;
    if (run.state === 'starting') run.state = 'running';
    if (run.killRequested) ports.folders.order(run.key, 'T');
    if (state.runs.get(run.uuid)?.startedSequence !== undefined) return;
    run.startedAtMs = startedAtMs;
    const sequence = state.sequence + 1;
    this.#context.record(['started', sequence, run.uuid, startedAtMs]);
    outbox.emit(sequence, startedEvent(run, sequence));
  }

  #gone(run: Run): void {
    if (run.storing) return;
    const known = this.#context.state.runs.get(run.uuid);
    if (run.request !== undefined) {
      // The spawner that it was meant for died before it made the folder: it never ran.
      this.#context.ports.spawner.start(run.request);
    } else if (known?.startedSequence === undefined && !this.#rebooted) {
      this.#runs.delete(run.uuid);
      this.#context.record(['never-ran', run.uuid]);
      this.#resolve(run);
    } else {
      this.#ends.lost(run, '');
    }
  }
}
