import type {
  ContainerUuid,
  ExitedRun,
  FinishedRun,
  InstanceId,
  LogChunk,
  LogStream,
  PoolAction,
  PoolOutcome,
  PoolSnapshot,
  PoolView,
  Unsubscribe,
  WorkerContainer,
  WorkerView,
} from '@drover/spec';
import { makeExited, makeFinished, makeSnapshot, makeWorker } from './fixture.ts';

/** A pool whose VMs do what the test says, when it says so. */
export class FakePool implements PoolView {
  readonly actions: PoolAction[] = [];
  readonly acked: string[] = [];
  readonly forgotten: string[] = [];
  readonly logs = new Map<LogStream, Uint8Array>();
  readLogError: Error | undefined;
  #snapshot: PoolSnapshot = makeSnapshot();
  readonly #listeners = new Set<() => void>();

  snapshot(): PoolSnapshot {
    return this.#snapshot;
  }

  /** Replaces parts of the snapshot and tells the listeners. */
  change(over: Partial<PoolSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...over, revision: this.#snapshot.revision + 1 };
    for (const listener of this.#listeners) listener();
  }

  addWorker(over: Partial<WorkerView> = {}): void {
    const { workers, pendingCreates } = this.#snapshot;
    this.change({ workers: [...workers, makeWorker([], over)], pendingCreates: pendingCreates.slice(1) });
  }

  onChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  apply(actions: readonly PoolAction[]): readonly PoolOutcome[] {
    this.actions.push(...actions);
    return actions.map((action) => this.#apply(action));
  }

  /** The runner reports that it runs. */
  confirm(uuid: ContainerUuid): void {
    this.#setPhase(uuid, 'running');
  }

  /** The run has ended with a result. */
  finish(uuid: ContainerUuid, over: Partial<FinishedRun> = {}): void {
    const { generation, instanceId } = this.#remove(uuid);
    this.change({
      finished: [...this.#snapshot.finished, makeFinished({ uuid, generation, instanceId, ...over })],
    });
  }

  /** The run is gone without one. */
  lose(uuid: ContainerUuid, over: Partial<ExitedRun> = {}): void {
    const { generation, instanceId } = this.#remove(uuid);
    this.change({ exited: [...this.#snapshot.exited, makeExited({ uuid, generation, instanceId, ...over })] });
  }

  readLog(_run: FinishedRun, stream: LogStream, offset: number, maxBytes: number): Promise<LogChunk> {
    if (this.readLogError !== undefined) return Promise.reject(this.readLogError);
    const bytes = this.logs.get(stream) ?? new Uint8Array();
    return Promise.resolve({ stream, offset, bytes: bytes.subarray(offset, offset + maxBytes) });
  }

  collected(uuid: ContainerUuid, generation: number): void {
    this.acked.push(`${uuid}/${generation}`);
    const finished = this.#snapshot.finished.filter((run) => run.uuid !== uuid || run.generation !== generation);
    this.change({ finished });
  }

  forget(uuid: ContainerUuid, generation: number): void {
    this.forgotten.push(`${uuid}/${generation}`);
    const exited = this.#snapshot.exited.filter((run) => run.uuid !== uuid || run.generation !== generation);
    this.change({ exited });
  }

  /** Actions of one kind so far. */
  count(kind: PoolAction['kind']): number {
    return this.actions.filter((action) => action.kind === kind).length;
  }

  #apply(action: PoolAction): PoolOutcome {
    if (action.kind === 'kill') this.#setPhase(action.uuid, 'killing');
    if (action.kind === 'create') {
      const createId = `create-${this.actions.length}`;
      const { instanceType } = action;
      this.change({ pendingCreates: [...this.#snapshot.pendingCreates, { createId, instanceType }] });
    }
    if (action.kind !== 'start') return { kind: 'done' };
    const { uuid, generation } = action.container.entry;
    const startable = this.#snapshot.workers.some((worker) => worker.instanceId === action.instanceId);
    if (!startable) return { kind: 'declined', reason: 'not-startable' };
    this.#changeWorker(action.instanceId, (containers) => [...containers, { uuid, generation, phase: 'starting' }]);
    return { kind: 'done' };
  }

  #setPhase(uuid: ContainerUuid, phase: WorkerContainer['phase']): void {
    for (const worker of this.#snapshot.workers)
      if (worker.containers.some((container) => container.uuid === uuid))
        this.#changeWorker(worker.instanceId, (containers) =>
          containers.map((container) => (container.uuid === uuid ? { ...container, phase } : container)),
        );
  }

  #remove(uuid: ContainerUuid): { readonly generation: number; readonly instanceId: InstanceId } {
    for (const { instanceId, containers } of this.#snapshot.workers) {
      const found = containers.find((container) => container.uuid === uuid);
      if (found === undefined) continue;
      this.#changeWorker(instanceId, (all) => all.filter((container) => container.uuid !== uuid));
      return { generation: found.generation, instanceId };
    }
    throw new Error(`${uuid} runs nowhere`);
  }

  #changeWorker(
    instanceId: InstanceId,
    change: (containers: readonly WorkerContainer[]) => readonly WorkerContainer[],
  ): void {
    const workers = this.#snapshot.workers.map((worker) =>
      worker.instanceId === instanceId ? { ...worker, containers: change(worker.containers) } : worker,
    );
    this.change({ workers });
  }
}
