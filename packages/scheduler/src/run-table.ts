import type { ContainerUuid, ExitedRun, FinishedRun, InstanceId, WorkerContainer, WorkerView } from '@drover/spec';

/** One run of a container, alive or ended but not settled, as the pool shows it. */
export interface Run {
  readonly generation: number;
  readonly phase: 'starting' | 'running' | 'killing' | 'ended';
  readonly instanceId: InstanceId;
}

/** Which containers run where, kept up with the pool's snapshots by what changed in them. */
export class RunTable {
  readonly #byUuid = new Map<ContainerUuid, Run[]>();
  #ended: readonly (ExitedRun | FinishedRun)[] = [];
  #exited: readonly ExitedRun[] = [];
  #finished: readonly FinishedRun[] = [];

  /** Containers with any run. */
  get size(): number {
    return this.#byUuid.size;
  }

  runsOf(uuid: ContainerUuid): readonly Run[] {
    return this.#byUuid.get(uuid) ?? [];
  }

  /** A worker came (`before` undefined), changed or went (`after` undefined). */
  moveWorker(before: WorkerView | undefined, after: WorkerView | undefined, changed: Set<ContainerUuid>): void {
    if (before !== undefined && after !== undefined && sameContainers(before.containers, after.containers)) return;
    for (const [uuid, run] of runsOn(before)) this.#remove(uuid, run, changed);
    for (const [uuid, run] of runsOn(after)) this.#add(uuid, run, changed);
  }

  /** Ended runs whose end is not settled with the queue yet. */
  setEnded(exited: readonly ExitedRun[], finished: readonly FinishedRun[], changed: Set<ContainerUuid>): void {
    if (exited === this.#exited && finished === this.#finished) return;
    const ended = [...exited, ...finished];
    const before = new Set(this.#ended);
    const after = new Set(ended);
    for (const run of before) if (!after.has(run)) this.#remove(run.uuid, { ...run, phase: 'ended' }, changed);
    for (const run of after) {
      if (!before.has(run))
        this.#add(run.uuid, { generation: run.generation, phase: 'ended', instanceId: run.instanceId }, changed);
    }
    this.#ended = ended;
    this.#exited = exited;
    this.#finished = finished;
  }

  #add(uuid: ContainerUuid, run: Run, changed: Set<ContainerUuid>): void {
    changed.add(uuid);
    const runs = this.#byUuid.get(uuid);
    if (runs === undefined) this.#byUuid.set(uuid, [run]);
    else runs.push(run);
  }

  #remove(uuid: ContainerUuid, gone: Run, changed: Set<ContainerUuid>): void {
    changed.add(uuid);
    const runs = this.#byUuid.get(uuid) ?? [];
    const at = runs.findIndex(
      (run) => run.generation === gone.generation && run.phase === gone.phase && run.instanceId === gone.instanceId,
    );
    if (at !== -1) runs.splice(at, 1);
    if (runs.length === 0) this.#byUuid.delete(uuid);
  }
}

function runsOn(worker: WorkerView | undefined): readonly (readonly [ContainerUuid, Run])[] {
  if (worker === undefined) return [];
  const { instanceId } = worker;
  return worker.containers.map(({ uuid, generation, phase }) => [uuid, { generation, phase, instanceId }] as const);
}

function sameContainers(a: readonly WorkerContainer[], b: readonly WorkerContainer[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((container, i) => sameContainer(container, b[i]));
}

function sameContainer(a: WorkerContainer, b: WorkerContainer | undefined): boolean {
  return a.uuid === b?.uuid && a.generation === b.generation && a.phase === b.phase;
}
