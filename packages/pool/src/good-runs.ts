import type { InstanceId } from '@drover/spec';

interface GoodRun {
  readonly instanceId: InstanceId;
  readonly atMs: number;
}

/** When runs last ended well, on the latest two different VMs: enough to say whether others do better than one. */
export class GoodRuns {
  #latest: readonly GoodRun[] = [];

  add(instanceId: InstanceId, atMs: number): void {
    this.#latest = [{ instanceId, atMs }, ...this.#latest.filter((run) => run.instanceId !== instanceId)].slice(0, 2);
  }

  /** Whether a VM other than this one has had a good run since then (monotonic). */
  elsewhere(instanceId: InstanceId, sinceMs: number): boolean {
    return this.#latest.some((run) => run.instanceId !== instanceId && run.atMs >= sinceMs);
  }
}
