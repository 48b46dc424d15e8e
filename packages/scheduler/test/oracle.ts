/**
 * The scheduling pass as naively as its rules read, to compare the quick one with: every container looks at every
 * instance. Written from the rules alone; shares no code with the production pass.
 */
import type { PassExpect, PassGiven, VectorContainer, VectorInstance } from '../vectors/vector-format.ts';
import { type Left, candidateOrder, fits, leftOf, ready, take } from './oracle-left.ts';

/** What the oracle is told beside the vector: where drover goes beyond the reference. */
export interface OracleOptions {
  readonly countInstances: boolean;
  readonly busy: ReadonlySet<string>;
}

export function oraclePass(given: PassGiven, options: OracleOptions): PassExpect {
  return new Oracle(given, options).decide();
}

class Oracle {
  readonly #given: PassGiven;
  readonly #options: OracleOptions;
  readonly #instances: number;
  readonly #byUuid: ReadonlyMap<string, VectorContainer>;
  #candidates: Left[];
  #limit: number;
  #within: number;
  #tried: number;
  #supervisors = 0;
  #starts: { container: string; instance: string }[] = [];
  #creates: string[] = [];
  #locks: string[] = [];
  #kills: string[] = [];
  #unlocks: string[] = [];
  #overSupervisors: VectorContainer[] = [];

  constructor(given: PassGiven, options: OracleOptions) {
    this.#given = given;
    this.#options = options;
    this.#instances = given.instances.filter((i) => i.id !== '').length;
    this.#byUuid = new Map(given.containers.map((c) => [c.uuid, c]));
    this.#candidates = given.instances.map((i) => this.#leftOf(i)).toSorted(candidateOrder);
    this.#limit = given.dynamicLimit;
    this.#within = given.instancesWithinQuota;
    this.#tried = options.countInstances
      ? given.instances.filter((i) => i.running.length > 0).length
      : new Set(given.instances.flatMap((i) => i.running)).size;
  }

  decide(): PassExpect {
    this.#updateLimits();
    const order = sortContainers(this.#given.containers);
    const stop = order.findIndex((c) => !this.#consider(c));
    const overQuota = stop === -1 ? [] : order.slice(stop);
    for (const c of this.#overSupervisors) this.#unlock(c);
    for (const [i, c] of overQuota.entries()) {
      const keepsLock = i === 0 && this.#instances > 0 && overQuota.length > 1;
      if (!keepsLock) this.#unlock(c);
    }
    return {
      order: order.map((c) => c.uuid),
      starts: this.#starts,
      creates: this.#creates,
      locks: this.#locks.toSorted(),
      unlocks: this.#unlocks,
      kills: this.#kills,
      shutdowns: overQuota.length > 0 ? this.#unused() : [],
      dynamicLimit: this.#limit,
      instancesWithinQuota: this.#within,
    };
  }

  #updateLimits(): void {
    if (this.#within > 0 && this.#instances > this.#within) this.#within = this.#instances;
    if (this.#atQuota()) {
      this.#limit = Math.max(1, Math.min(this.#limit === 0 ? Infinity : this.#limit, this.#instances));
      this.#within = this.#instances;
    } else if (this.#within > 0 && this.#limit > this.#within + 1) this.#limit = this.#within + 1;
  }

  /** False: at quota; it and the rest are over it. */
  #consider(c: VectorContainer): boolean {
    if (c.supervisor) this.#supervisors += 1;
    if (c.onWorker || c.priority < 1) return true;
    const max = this.#maxSupervisors();
    if (c.supervisor && max > 0 && this.#supervisors > max) {
      this.#overSupervisors.push(c);
      return true;
    }
    if (c.state !== 'Queued' && c.state !== 'Locked') return true;
    const pick = this.#pick(c);
    const cost = this.#options.countInstances && pick?.used === true ? 0 : 1;
    if (this.#limit > 0 && cost > 0 && this.#tried >= this.#limit) {
      // Counting VMs, quota stops what is behind one that needs a VM of its own.
      return !(this.#options.countInstances && pick === undefined && this.#atQuota());
    }
    this.#tried += cost;
    return c.state === 'Queued' ? this.#queued(c, pick) : this.#locked(c, pick);
  }

  #maxSupervisors(): number {
    const max = Math.floor(this.#limit * this.#given.supervisorFraction);
    return max === 0 && this.#limit > 0 && this.#given.supervisorFraction > 0 ? 1 : max;
  }

  #pick(c: VectorContainer): Left | undefined {
    let pick: Left | undefined;
    for (const candidate of this.#candidates) {
      if (!fits(candidate, c, this.#given.maxContainersPerInstance)) continue;
      if (pick === undefined || candidate.containers > pick.containers || (ready(candidate) && !ready(pick))) {
        pick = candidate;
      }
    }
    return pick;
  }

  #queued(c: VectorContainer, pick: Left | undefined): boolean {
    if (pick === undefined && this.#atQuota()) return false;
    if (pick === undefined && this.#available(c) === undefined) return true;
    if (c.formerAttemptAlive) {
      if (this.#acts(c)) this.#kills.push(c.uuid);
      return true;
    }
    if (this.#acts(c)) this.#locks.push(c.uuid);
    if (pick !== undefined) take(pick, c);
    return true;
  }

  #locked(c: VectorContainer, pick: Left | undefined): boolean {
    if (pick === undefined) return this.#create(c);
    take(pick, c);
    if (!ready(pick) || !this.#acts(c)) return true;
    if (c.formerAttemptAlive) this.#kills.push(c.uuid);
    else this.#starts.push({ container: c.uuid, instance: pick.instance.id });
    return true;
  }

  #create(c: VectorContainer): boolean {
    if (this.#atQuota()) return false;
    const type = this.#available(c);
    if (type === undefined || this.#creates.length >= this.#given.createsAccepted) return true;
    this.#creates.push(type);
    const left = this.#leftOf({ id: '', type, state: 'booting', idleBehavior: 'run', running: [] });
    take(left, c);
    this.#candidates = [left, ...this.#candidates].toSorted(candidateOrder);
    return true;
  }

  #unlock(c: VectorContainer): void {
    if (c.state === 'Locked' && !c.onWorker && this.#acts(c)) this.#unlocks.push(c.uuid);
  }

  #unused(): string[] {
    return this.#candidates
      .filter(({ used, instance: { id, state, idleBehavior } }) => {
        return id !== '' && !used && (state === 'booting' || state === 'idle') && idleBehavior !== 'hold';
      })
      .map(({ instance }) => instance.id);
  }

  #available(c: VectorContainer): string | undefined {
    return c.eligibleTypes.find((type) => !this.#given.typesAtCapacity.includes(type));
  }

  #atQuota(): boolean {
    const { atQuota, quotaInstances, instances } = this.#given;
    return atQuota || (quotaInstances > 0 && instances.length + this.#creates.length >= quotaInstances);
  }

  #acts(c: VectorContainer): boolean {
    return !this.#options.busy.has(c.uuid);
  }

  #leftOf(instance: VectorInstance): Left {
    const type = this.#given.instanceTypes.find((t) => t.name === instance.type);
    return leftOf(instance, type, this.#byUuid);
  }
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
