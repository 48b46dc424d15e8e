import type { ContainerUuid } from '@drover/spec';
import type { LiveWorkload } from './invariants/invariant.ts';

/** Which workloads are alive on VMs, whatever anybody believes. */
export class LiveRuns {
  readonly #byUuid = new Map<ContainerUuid, readonly LiveWorkload[]>();

  began(workload: LiveWorkload): void {
    this.#byUuid.set(workload.uuid, [...this.of(workload.uuid), workload]);
  }

  ended({ uuid, generation, instanceId }: LiveWorkload): void {
    const rest = this.of(uuid).filter((w) => w.instanceId !== instanceId || w.generation !== generation);
    if (rest.length === 0) this.#byUuid.delete(uuid);
    else this.#byUuid.set(uuid, rest);
  }

  /** Those of one container. */
  of(uuid: ContainerUuid): readonly LiveWorkload[] {
    return this.#byUuid.get(uuid) ?? [];
  }

  /** How many containers have one. */
  get size(): number {
    return this.#byUuid.size;
  }
}
