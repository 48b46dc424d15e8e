import type { VectorContainer, VectorInstance, VectorType } from '../vectors/vector-format.ts';

/** What is left on one instance while the oracle hands out work. */
export interface Left {
  readonly instance: VectorInstance;
  readonly type: VectorType | undefined;
  containers: number;
  vcpus: number;
  ram: number;
  scratch: number;
  gpus: number;
  /** Runs a container that asks 0 vcpus. */
  sharing: boolean;
  closed: boolean;
  used: boolean;
}

export function leftOf(
  instance: VectorInstance,
  type: VectorType | undefined,
  byUuid: ReadonlyMap<string, VectorContainer>,
): Left {
  const left: Left = {
    instance,
    type,
    containers: 0,
    vcpus: type?.vcpus ?? 0,
    ram: type?.ram ?? 0,
    scratch: type?.scratch ?? 0,
    gpus: type?.gpu?.count ?? 0,
    sharing: false,
    closed: type === undefined,
    used: instance.running.length > 0,
  };
  for (const uuid of instance.running) {
    const c = byUuid.get(uuid);
    if (c === undefined) left.closed = true;
    else take(left, c);
  }
  left.containers = instance.running.length;
  return left;
}

export function take(left: Left, c: VectorContainer): void {
  left.used = true;
  left.containers += 1;
  left.ram -= c.needs.ram;
  left.scratch -= c.needs.scratch;
  left.gpus -= c.needs.gpus ?? 0;
  left.vcpus -= c.needs.vcpus;
  if (c.needs.vcpus === 0) left.sharing = true;
}

export function fits(left: Left, c: VectorContainer, maxContainers: number): boolean {
  return (
    !left.closed &&
    left.instance.state !== 'shutdown' &&
    left.instance.idleBehavior === 'run' &&
    (maxContainers === 0 || left.containers < maxContainers) &&
    c.eligibleTypes.includes(left.instance.type) &&
    left.vcpus > 0 &&
    (c.needs.vcpus === 0 || left.vcpus - (left.sharing ? 1 : 0) >= c.needs.vcpus) &&
    left.ram >= c.needs.ram &&
    left.scratch >= c.needs.scratch &&
    left.gpus >= (c.needs.gpus ?? 0)
  );
}

export function ready(left: Left): boolean {
  return left.instance.state === 'idle' || left.instance.state === 'running';
}

export function candidateOrder(a: Left, b: Left): number {
  const x = a.type;
  const y = b.type;
  const byId = a.instance.id < b.instance.id ? -1 : a.instance.id > b.instance.id ? 1 : 0;
  // Types that are not configured come last.
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || byId;
  return x.price - y.price || y.vcpus - x.vcpus || y.ram - x.ram || y.scratch - x.scratch || byId;
}
