import type { ContainerUuid, WorkerContainer, WorkerView } from '@drover/spec';
import { workerChanges } from './worker-changes.ts';

/** A run that the pool shows on a worker. */
export interface Place {
  readonly worker: WorkerView;
  readonly container: WorkerContainer;
}

/** Which containers are on which workers, kept up by what changes in the pool's snapshots. */
export class Placements {
  readonly #byUuid = new Map<ContainerUuid, Place[]>();
  #workers: readonly WorkerView[] = [];

  uuids(): Iterable<ContainerUuid> {
    return this.#byUuid.keys();
  }

  /** Of several, which only a dispatcher that died can have left, the one of the latest generation. */
  get(uuid: ContainerUuid): Place | undefined {
    const places = this.#byUuid.get(uuid);
    if (places === undefined || places.length < 2) return places?.[0];
    return places.reduce((a, b) => (isLater(b, a) ? b : a));
  }

  /** Takes the present workers in; adds to `changed` the containers that something about changed. */
  sync(workers: readonly WorkerView[], changed: Set<ContainerUuid>): void {
    for (const { before, after } of workerChanges(this.#workers, workers)) {
      for (const { uuid } of before?.containers ?? []) {
        changed.add(uuid);
        this.#remove(uuid, before);
      }
      if (after === undefined) continue;
      for (const container of after.containers) {
        changed.add(container.uuid);
        this.#add(container.uuid, { worker: after, container });
      }
    }
    this.#workers = workers;
  }

  #add(uuid: ContainerUuid, place: Place): void {
    const places = this.#byUuid.get(uuid);
    if (places === undefined) this.#byUuid.set(uuid, [place]);
    else places.push(place);
  }

  #remove(uuid: ContainerUuid, from: WorkerView | undefined): void {
    const left = this.#byUuid.get(uuid)?.filter(({ worker }) => worker !== from) ?? [];
    if (left.length === 0) this.#byUuid.delete(uuid);
    else this.#byUuid.set(uuid, left);
  }
}

function isLater(a: Place, b: Place): boolean {
  if (a.container.generation !== b.container.generation) return a.container.generation > b.container.generation;
  return a.worker.instanceId > b.worker.instanceId;
}
