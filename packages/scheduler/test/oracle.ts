/**
 * The scheduling pass as naively as its rules read, to compare the quick one with: every container looks at every
 * instance. Written from the rules alone; shares no code with the production pass.
 */
import type { PassExpect, PassGiven, VectorContainer, VectorInstance, VectorType } from '../vectors/vector-format.ts';

interface Left {
  readonly instance: VectorInstance;
  readonly type: VectorType | undefined;
  readonly created: boolean;
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

/** What the oracle is told beside the vector: where drover goes beyond the reference. */
export interface OracleOptions {
  readonly countInstances: boolean;
  readonly busy: ReadonlySet<string>;
}

export const referenceMode: OracleOptions = { countInstances: false, busy: new Set() };

export function oraclePass(given: PassGiven, options: OracleOptions = referenceMode): PassExpect {
  const types = new Map(given.instanceTypes.map((t) => [t.name, t]));
  const byUuid = new Map(given.containers.map((c) => [c.uuid, c]));
  const order = sortContainers(given.containers);
  const instances = given.instances.filter((i) => i.id !== '').length;
  const pending = given.instances.length - instances;
  let creates: string[] = [];
  const quotaNow = (): boolean =>
    given.atQuota || (given.quotaInstances > 0 && instances + pending + creates.length >= given.quotaInstances);

  const runningUuids = new Set(given.instances.flatMap((i) => i.running));
  const inUse = given.instances.filter((i) => i.running.length > 0).length;
  const running = options.countInstances ? inUse : runningUuids.size;
  let { dynamicLimit: limit, instancesWithinQuota: within } = given;
  if (within > 0 && instances > within) within = instances;
  if (quotaNow()) {
    limit = Math.max(1, Math.min(limit === 0 ? Infinity : limit, instances));
    within = instances;
  } else if (within > 0 && limit > within + 1) limit = within + 1;
  let maxSupervisors = Math.floor(limit * given.supervisorFraction);
  if (maxSupervisors === 0 && limit > 0 && given.supervisorFraction > 0) maxSupervisors = 1;

  const lefts = given.instances.map((i) => leftOf(i, types.get(i.type), byUuid));
  let candidates = lefts.toSorted(candidateOrder);
  const starts: { container: string; instance: string }[] = [];
  const locks: string[] = [];
  const kills: string[] = [];
  const unlocks: string[] = [];
  let tried = running;
  let supervisors = 0;
  let overquota: VectorContainer[] = [];
  const overSupervisors: VectorContainer[] = [];
  const acts = (c: VectorContainer): boolean => !options.busy.has(c.uuid);

  for (const [position, c] of order.entries()) {
    if (c.supervisor) supervisors += 1;
    if (c.onWorker || c.priority < 1) continue;
    if (c.supervisor && maxSupervisors > 0 && supervisors > maxSupervisors) {
      overSupervisors.push(c);
      continue;
    }
    if (c.state !== 'Queued' && c.state !== 'Locked') continue;
    let pick: Left | undefined;
    for (const candidate of candidates) {
      if (!fits(candidate, c, given.maxContainersPerInstance)) continue;
      if (pick === undefined || candidate.containers > pick.containers || (ready(candidate) && !ready(pick))) {
        pick = candidate;
      }
    }
    const costs = options.countInstances && pick?.used === true ? 0 : 1;
    if (limit > 0 && costs > 0 && tried >= limit) continue;
    tried += costs;
    const available = c.eligibleTypes.find((t) => !given.typesAtCapacity.includes(t));
    if (c.state === 'Queued') {
      if (pick === undefined && quotaNow()) {
        overquota = order.slice(position);
        break;
      }
      if (pick === undefined && available === undefined) continue;
      if (c.formerAttemptAlive) {
        if (acts(c)) kills.push(c.uuid);
        continue;
      }
      if (acts(c)) locks.push(c.uuid);
      if (pick !== undefined) take(pick, c);
      continue;
    }
    if (pick !== undefined) {
      take(pick, c);
      if (!ready(pick)) continue;
      if (!acts(c)) continue;
      if (c.formerAttemptAlive) kills.push(c.uuid);
      else starts.push({ container: c.uuid, instance: pick.instance.id });
      continue;
    }
    if (quotaNow()) {
      overquota = order.slice(position);
      break;
    }
    if (available === undefined) continue;
    if (creates.length >= given.createsAccepted) continue;
    creates = [...creates, available];
    const made: VectorInstance = { id: '', type: available, state: 'booting', idleBehavior: 'run', running: [] };
    const left = { ...leftOf(made, types.get(available), byUuid), created: true };
    take(left, c);
    candidates = [left, ...candidates].toSorted(candidateOrder);
  }

  for (const c of overSupervisors) if (c.state === 'Locked' && acts(c)) unlocks.push(c.uuid);
  const shutdowns: string[] = [];
  if (overquota.length > 0) {
    const locked = overquota.filter((c) => c.state === 'Locked' && !c.onWorker);
    const keepFirst = instances > 0 && overquota.length > 1;
    for (const [i, c] of locked.entries()) if (!(i === 0 && keepFirst) && acts(c)) unlocks.push(c.uuid);
    for (const l of candidates) {
      const { state, idleBehavior, id } = l.instance;
      if (id !== '' && (state === 'booting' || state === 'idle') && idleBehavior !== 'hold' && !l.used)
        shutdowns.push(id);
    }
  }
  return {
    order: order.map((c) => c.uuid),
    starts,
    creates,
    locks: locks.toSorted(),
    unlocks,
    kills,
    shutdowns,
    dynamicLimit: limit,
    instancesWithinQuota: within,
  };
}

export function sortContainers(containers: readonly VectorContainer[]): VectorContainer[] {
  return containers.toSorted(
    (a, b) =>
      Number(b.onWorker) - Number(a.onWorker) ||
      Number(b.state === 'Locked') - Number(a.state === 'Locked') ||
      b.priority - a.priority ||
      a.firstSeen - b.firstSeen,
  );
}

function leftOf(
  instance: VectorInstance,
  type: VectorType | undefined,
  byUuid: ReadonlyMap<string, VectorContainer>,
): Left {
  const left: Left = {
    instance,
    type,
    created: instance.id === '',
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

function take(left: Left, c: VectorContainer): void {
  left.used = true;
  left.containers += 1;
  left.ram -= c.needs.ram;
  left.scratch -= c.needs.scratch;
  left.gpus -= c.needs.gpus ?? 0;
  left.vcpus -= c.needs.vcpus;
  if (c.needs.vcpus === 0) left.sharing = true;
}

function fits(left: Left, c: VectorContainer, maxContainers: number): boolean {
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

function ready(left: Left): boolean {
  return left.instance.state === 'idle' || left.instance.state === 'running';
}

function candidateOrder(a: Left, b: Left): number {
  const x = a.type;
  const y = b.type;
  const byId = a.instance.id < b.instance.id ? -1 : a.instance.id > b.instance.id ? 1 : 0;
  // Types that are not configured come last.
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || byId;
  return x.price - y.price || y.vcpus - x.vcpus || y.ram - x.ram || y.scratch - x.scratch || byId;
}
