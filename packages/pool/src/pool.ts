import type {
  BehaviorDecision,
  CreateDecline,
  FinishedRun,
  IdleBehavior,
  Instance,
  InstanceId,
  InstanceView,
  LogChunk,
  LogStream,
  PoolAction,
  PoolOutcome,
  PoolSnapshot,
  Unsubscribe,
  WorkerState,
} from '@drover/spec';
import { NotFoundError } from '@drover/spec';
import { toError } from '@drover/throttle';
import type { CreateBatch } from './create-batch.ts';
import { appearedEvent, newWorker, type Origin } from './new-worker.ts';
import { readStore } from './pool-recovery.ts';
import { DecisionRecord } from './decision-record.ts';
import { KnownInstances } from './known-instances.ts';
import { decideForOperator } from './operator-decision.ts';
import type { Pool, PoolHealth, PoolPorts, ProbeAges } from './pool-types.ts';
import { assemble, type PoolParts } from './pool-parts.ts';
import { WorkerConnection } from './worker-connection.ts';
import { instanceView } from './worker-view.ts';
import { countByState, pendingViews, probeAges } from './pool-views.ts';

/** Makes a pool; nothing happens before `start`. */
export function createPool(ports: PoolPorts): Pool {
  return new WorkerPool(ports);
}

class WorkerPool implements Pool {
  readonly #ports: PoolPorts;
  readonly #parts: PoolParts;
  readonly #firstListing: Promise<void>;
  #known: KnownInstances | undefined;
  #record: DecisionRecord | undefined;
  #snapshot: PoolSnapshot | undefined;
  #revision = 0;
  #ready = false;
  #draining: string | undefined;
  #storeError: Error | undefined;
  #markReady: () => void = () => undefined;
  #failReady: (error: Error) => void = () => undefined;

  constructor(ports: PoolPorts) {
    this.#ports = ports;
    this.#firstListing = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#failReady = reject;
    });
    this.#firstListing.catch(() => undefined);
    this.#parts = assemble(ports, {
      blocked: () => this.#blocked(),
      onChange: () => this.#changed(),
      add: (instance, origin) => this.#add(instance, origin),
      onGone: (id) => this.#buried(id),
      remembered: () => this.#known?.ids() ?? [],
      forget: (id) => this.#forgetInstance(id),
      recordBehavior: (id, decision) => this.#keep(id, decision),
      saveKnown: async () => (await this.#known?.save()) ?? false,
      onComplete: () => this.#completed(),
    });
  }

  async start(): Promise<void> {
    const { abort, desk, fleet, loader, syncLoop } = this.#parts;
    const { clock, stateStore } = this.#ports;
    const { signal } = abort;
    loader.run().catch(() => undefined);
    const remembered = await readStore(stateStore, {
      clock,
      signal,
      onFailure: (error) => {
        this.#storeError = toError(error);
      },
    });
    signal.throwIfAborted();
    this.#storeError = undefined;
    const known = new KnownInstances(remembered, stateStore, clock, signal);
    this.#known = known;
    this.#record = new DecisionRecord({ known, fleet, clock, signal });
    desk.recover(remembered.intents);
    syncLoop.start();
    return this.#firstListing;
  }

  async stop(): Promise<void> {
    const { abort, fleet, probes, syncLoop, instanceSet, gates } = this.#parts;
    if (abort.signal.aborted) return;
    const stopped = new Error('The pool is stopped.');
    abort.abort(stopped);
    this.#failReady(stopped);
    syncLoop.stop();
    probes.close();
    gates.close();
    const connections = Array.from(fleet.members(), (member) => member.attachment);
    fleet.stop();
    for (const connection of connections) connection.close();
    await instanceSet.close();
  }

  async drainAll(reason: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { fleet, desk, changes, abort } = this.#parts;
    this.#draining = reason;
    for (const { worker } of fleet.members()) this.#drainUnlessHeld(worker.instance.id);
    this.#changed();
    const isEmpty = (): boolean =>
      this.#ready && desk.total === [...fleet.members()].filter(({ worker }) => worker.idleBehavior === 'hold').length;
    // A pool that is stopped meanwhile will never be empty.
    const given = AbortSignal.any([signal, abort.signal]);
    await new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        unsubscribe();
        given.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        finish();
        reject(toError(given.reason));
      };
      const look = (): void => {
        if (!isEmpty()) return;
        finish();
        resolve();
      };
      const unsubscribe = changes.subscribe(look);
      given.addEventListener('abort', onAbort, { once: true });
      if (given.aborted) onAbort();
      else look();
    });
  }

  snapshot(): PoolSnapshot {
    if (this.#snapshot === undefined) {
      const { fleet, ledger, desk } = this.#parts;
      this.#snapshot = {
        revision: this.#revision,
        ready: this.#ready,
        unknownWorkers: fleet.unknownWorkers(),
        workers: fleet.views(),
        pendingCreates: desk.pending.map((vm) => ({ createId: desk.publicId(vm), instanceType: vm.type.name })),
        finished: ledger.finished,
        exited: ledger.exited,
        admission: desk.admission(),
      };
    }
    return this.#snapshot;
  }

  apply(actions: readonly PoolAction[]): readonly PoolOutcome[] {
    const { desk, abort } = this.#parts;
    const outcomes = actions.map((action) => this.#applyOne(action));
    for (const batch of desk.takeBatches()) {
      this.#changed();
      if (!abort.signal.aborted) this.#send(batch).catch(() => undefined);
    }
    return outcomes;
  }

  onChange(listener: () => void): Unsubscribe {
    return this.#parts.changes.subscribe(listener);
  }

  async readLog(run: FinishedRun, stream: LogStream, offset: number, maxBytes: number): Promise<LogChunk> {
    const member = this.#parts.fleet.get(run.instanceId);
    if (member === undefined) throw new NotFoundError(`Instance ${run.instanceId} is gone, and its logs with it.`);
    return member.attachment.readLog({ uuid: run.uuid, generation: run.generation, stream, offset, maxBytes });
  }

  collected(uuid: string, generation: number): void {
    const { ledger, fleet } = this.#parts;
    const run = ledger.takeFinished({ uuid, generation });
    if (run === undefined) return;
    this.#changed();
    fleet.dispatch(run.instanceId, { type: 'collected', uuid, generation });
  }

  forget(uuid: string, generation: number): void {
    if (this.#parts.ledger.forgetExited({ uuid, generation })) this.#changed();
  }

  instances(): readonly InstanceView[] {
    const { fleet, desk } = this.#parts;
    return [...Array.from(fleet.members(), ({ worker }) => instanceView(worker)), ...pendingViews(desk.pending)];
  }

  setBehavior(id: InstanceId, behavior: IdleBehavior, reason: string): Promise<PoolOutcome> {
    const { fleet, abort } = this.#parts;
    return decideForOperator({ fleet, record: this.#record, signal: abort.signal }, { id, behavior, reason });
  }

  killInstance(id: InstanceId, reason: string): PoolOutcome {
    return this.#parts.fleet.dispatch(id, { type: 'kill-instance', reason });
  }

  async countsByState(): Promise<Readonly<Record<WorkerState, number>>> {
    await this.#firstListing;
    return countByState(this.#parts.fleet);
  }

  probeAges(): ProbeAges {
    return probeAges(this.#parts.fleet, this.#ports.clock.monotonicMs());
  }

  health(): PoolHealth {
    const { loader, listings, desk } = this.#parts;
    const problems: string[] = [];
    if (this.#storeError !== undefined) problems.push(`state store: ${this.#storeError.message}`);
    if (loader.error !== undefined) problems.push(`runner: ${loader.error.message}`);
    if (listings.error !== undefined) problems.push(`listing: ${listings.error.message}`);
    problems.push(...desk.troubles());
    return { ok: problems.length === 0, problems };
  }

  #applyOne(action: PoolAction): PoolOutcome {
    const { fleet, desk } = this.#parts;
    if (action.kind === 'create') return desk.request(action.instanceType);
    if (action.kind === 'kill') return this.#kill(action.uuid, action.reason);
    if (fleet.get(action.instanceId) === undefined) return { kind: 'stale' };
    return action.kind === 'start'
      ? fleet.dispatch(action.instanceId, { type: 'start', container: action.container })
      : fleet.dispatch(action.instanceId, { type: 'shut-down', reason: 'not needed any more' });
  }

  /** Whatever became of it shows in a listing: the VM's address, or whether it exists. */
  async #send(batch: CreateBatch): Promise<void> {
    await this.#parts.calls.send(batch);
    this.#parts.syncLoop.review();
  }

  #kill(uuid: string, reason: string): PoolOutcome {
    const { fleet } = this.#parts;
    const ids = [...fleet.members()]
      .filter(({ worker }) => worker.runs.some((run) => run.uuid === uuid))
      .map(({ worker }) => worker.instance.id);
    for (const id of ids) fleet.dispatch(id, { type: 'kill', uuid, reason });
    return ids.length === 0 ? { kind: 'declined', reason: 'not-found' } : { kind: 'done' };
  }

  #blocked(): CreateDecline | undefined {
    const { abort, loader } = this.#parts;
    if (this.#draining !== undefined || abort.signal.aborted) return 'stopping';
    if (!this.#ready) return 'not-ready';
    return loader.runner === undefined ? 'runner-unavailable' : undefined;
  }

  #add(instance: Instance, origin: Origin): void {
    const { fleet, connectionContext, options } = this.#parts;
    const { id } = instance;
    if (fleet.get(id) !== undefined || this.#known === undefined) return;
    this.#known.add(id);
    const takeover = { epoch: this.#ports.epoch, decided: this.#known.decision(id) };
    const worker = newWorker(instance, { ...origin, ...takeover }, fleet.now(), options);
    const connection = new WorkerConnection(id, this.#ports.executorFactory(id), connectionContext(this.#known), {
      dispatch: (event) => fleet.dispatch(id, event),
      onDeployed: (durationMs) => this.#parts.observe({ type: 'runner-deployed', instanceId: id, durationMs }),
    });
    this.#parts.observe(appearedEvent(worker));
    fleet.add(worker, connection);
    if (this.#draining !== undefined) this.#drainUnlessHeld(id);
  }

  #drainUnlessHeld(id: InstanceId): void {
    const { fleet } = this.#parts;
    const reason = this.#draining;
    if (reason !== undefined && fleet.get(id)?.worker.idleBehavior === 'run')
      fleet.dispatch(id, { type: 'set-behavior', behavior: 'drain', reason });
  }

  /** What the store does not take is decided anew by the next dispatcher, from what the VM says, unless its tag tells. */
  #keep(id: InstanceId, decision: BehaviorDecision): void {
    this.#record?.write(id, decision).catch(() => undefined);
  }

  #buried(id: InstanceId): void {
    this.#parts.listings.buried(id);
    this.#forgetInstance(id);
  }

  #forgetInstance(id: InstanceId): void {
    this.#known?.remove(id).catch(() => undefined);
  }

  #completed(): void {
    this.#ready = true;
    this.#markReady();
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#revision += 1;
    this.#parts.changes.raise();
  }
}
