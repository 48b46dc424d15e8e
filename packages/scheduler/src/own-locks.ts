import type { ContainerUuid, LockedContainer } from '@drover/spec';

interface OwnLock {
  readonly generation: number;
  /** Undefined until the queue has answered. */
  container?: LockedContainer;
}

/** The locks that this process took, with what it takes to start them, so that a start needs no further read. */
export class OwnLocks {
  readonly #locks = new Map<ContainerUuid, OwnLock>();

  /** The lock of this generation is being asked for: should it land without an answer, it is ours all the same. */
  expect(uuid: ContainerUuid, generation: number): void {
    if (!this.holds(uuid, generation)) this.#locks.set(uuid, { generation });
  }

  keep(container: LockedContainer): void {
    this.#locks.set(container.entry.uuid, { generation: container.entry.generation, container });
  }

  holds(uuid: ContainerUuid, generation: number): boolean {
    return this.#locks.get(uuid)?.generation === generation;
  }

  /** Undefined: not ours, or its contents are not known yet. */
  container(uuid: ContainerUuid, generation: number): LockedContainer | undefined {
    const lock = this.#locks.get(uuid);
    return lock?.generation === generation ? lock.container : undefined;
  }

  release(uuid: ContainerUuid): void {
    this.#locks.delete(uuid);
  }

  /** Forgets containers that are no concern any more. */
  retain(isKnown: (uuid: ContainerUuid) => boolean): void {
    for (const uuid of this.#locks.keys()) if (!isKnown(uuid)) this.#locks.delete(uuid);
  }
}
