import type { InstanceId, WorkerView } from '@drover/spec';

/** A worker that came (`before` undefined), changed, or went (`after` undefined). */
export interface WorkerChange {
  readonly before: WorkerView | undefined;
  readonly after: WorkerView | undefined;
}

/**
 * What differs between two lists of workers. The pool keeps the objects of unchanged workers, and their places but for those that
 * fill a gap, so that nearly all of a large fleet is passed over by one comparison each.
 */
export function workerChanges(before: readonly WorkerView[], after: readonly WorkerView[]): readonly WorkerChange[] {
  if (before === after) return [];
  const changes = new Map<InstanceId, { before: WorkerView | undefined; after: WorkerView | undefined }>();
  const length = Math.max(before.length, after.length);
  for (let place = 0; place < length; place += 1) {
    const old = before[place];
    const next = after[place];
    if (old === next) continue;
    if (old !== undefined) changeOf(old.instanceId).before = old;
    if (next !== undefined) changeOf(next.instanceId).after = next;
  }
  return [...changes.values()].filter((change) => change.before !== change.after);

  function changeOf(id: InstanceId) {
    let change = changes.get(id);
    if (change === undefined) {
      change = { before: undefined, after: undefined };
      changes.set(id, change);
    }
    return change;
  }
}
