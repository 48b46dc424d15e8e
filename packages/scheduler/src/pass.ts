import type { WhyCode } from '@drover/spec';
import { nextLimits, maxSupervisorsOf } from './dynamic-limit.ts';
import type { PlanIndex } from './plan-index.ts';
import type { PlanAction, PlanInput, PlanLimits } from './plan-types.ts';
import { compareRecords, type QueueRecord } from './queue-record.ts';
import { limitCountsVms } from './scheduler-options.ts';
import { rejectionMessage } from './rejections.ts';

const nobody: ReadonlySet<string> = new Set();

/** Of one that neither waits nor is seen to run. */
function codeWithoutPlace(record: QueueRecord): WhyCode | undefined {
  return record.entry.state === 'Running' ? 'recovering' : undefined;
}

/** One pass over the containers in order. `run` once; the results are in the fields. */
export class Pass {
  readonly actions: PlanAction[] = [];
  readonly limits: PlanLimits;
  readonly maxSupervisors: number;
  readonly #input: PlanInput;
  readonly #index: PlanIndex;
  readonly #recovering: ReadonlySet<string>;
  readonly #formerAlive: ReadonlySet<string>;
  readonly #overSupervisors: QueueRecord[] = [];
  readonly #countsVms: boolean;
  #overQuotaCount = 0;
  #creates = 0;
  #supervisors = 0;
  #tried: number;

  constructor(input: PlanInput, limits: PlanLimits, index: PlanIndex) {
    const { pool, options, nowMs, overloadedAtMs } = input;
    this.#input = input;
    this.#index = index;
    this.#recovering = input.recovering ?? nobody;
    this.#formerAlive = input.formerAlive ?? nobody;
    this.#countsVms = limitCountsVms(options);
    this.#tried = this.#countsVms ? index.slots.workers.inUse : index.runs.size;
    const atQuota = this.#atQuota();
    const instances = pool.workers.length;
    this.limits = nextLimits(limits, { running: this.#tried, instances, atQuota, nowMs, overloadedAtMs }, options);
    this.maxSupervisors = maxSupervisorsOf(this.limits.dynamicLimit, options.supervisorFraction);
  }

  /** Containers that are over quota or over the supervisor limit. */
  get passedOver(): number {
    return this.#overQuotaCount + this.#overSupervisors.length;
  }

  run(): void {
    this.#index.slots.begin(this.#input.pool.pendingCreates);
    const { order, settled } = this.#index;
    // What runs comes first, and there is nothing to decide about it.
    this.#supervisors = settled.supervisors;
    let reached = settled.count;
    for (; reached < order.length; reached += 1) {
      const record = order[reached];
      if (record === undefined || !this.#consider(record)) break;
    }
    this.#overQuotaCount = order.length - reached;
    for (const record of this.#overSupervisors) this.#unlock(record, 'supervisor-limit');
    if (reached < order.length) this.#overQuota(reached);
  }

  /** Places one container. False: it and all behind it are over quota. */
  #consider(record: QueueRecord): boolean {
    if (record.supervisor) this.#supervisors += 1;
    if (record.waitsAs === undefined) return this.#waits(record, codeWithoutPlace(record));
    if (this.#recovering.size > 0 && this.#recovering.has(record.uuid)) return this.#waits(record, 'recovering');
    if (record.priority < 1) return this.#waits(record, 'priority-zero');
    if (record.supervisor && this.maxSupervisors > 0 && this.#supervisors > this.maxSupervisors) {
      this.#overSupervisors.push(record);
      return this.#waits(record, 'supervisor-limit');
    }
    if (record.demand.shape.types.length === 0) return this.#reject(record);
    return this.#place(record);
  }

  #place(record: QueueRecord): boolean {
    const { dynamicLimit } = this.limits;
    const full = dynamicLimit > 0 && this.#tried >= dynamicLimit;
    if (full && !this.#countsVms) return this.#waits(record, 'container-limit');
    const { slots } = this.#index;
    const slot = record.demand.pick(slots);
    // Counting VMs, a container on a VM that is in use already costs nothing.
    const cost = this.#countsVms && slot !== -1 && slots.inUse(slot) ? 0 : 1;
    if (full && cost > 0) {
      // Else what is small and less urgent would fill the VMs for ever, and this one never find an empty one.
      return slot === -1 && this.#atQuota() ? false : this.#waits(record, 'container-limit');
    }
    this.#tried += cost;
    return record.waitsAs === 'Queued' ? this.#placeQueued(record, slot) : this.#placeLocked(record, slot);
  }

  #placeQueued(record: QueueRecord, slot: number): boolean {
    const { uuid, generation } = record.entry;
    if (slot === -1) {
      if (this.#atQuota()) return false;
      if (this.#availableType(record) === undefined) return this.#waits(record, 'at-capacity');
    }
    if (this.#isFormerAlive(record)) return this.#killFormer(record);
    if (this.#mayAct(record)) this.actions.push({ kind: 'lock', uuid, generation });
    if (slot !== -1) this.#index.slots.take(slot, record.demand.shape.needs);
    return this.#waits(record, 'waiting-for-lock');
  }

  #placeLocked(record: QueueRecord, slot: number): boolean {
    if (slot === -1) return this.#create(record);
    const { slots } = this.#index;
    const { uuid, generation } = record.entry;
    slots.take(slot, record.demand.shape.needs);
    const worker = slots.workers.workers[slot];
    if (worker === undefined) return this.#waits(record, 'waiting-for-create');
    if (!slots.isReady(slot)) return this.#waits(record, 'waiting-for-boot');
    if (this.#isFormerAlive(record)) return this.#killFormer(record);
    if (this.#mayAct(record)) {
      this.actions.push({ kind: 'start', uuid, generation, instanceId: worker.instanceId });
    }
    return this.#waits(record, 'starting');
  }

  #create(record: QueueRecord): boolean {
    if (this.#atQuota()) return false;
    const type = this.#availableType(record);
    if (type === undefined) return this.#waits(record, 'at-capacity');
    if (this.#creates >= this.#input.pool.admission.createRoom) return this.#waits(record, 'create-declined');
    this.#creates += 1;
    this.actions.push({ kind: 'create', instanceType: type.name });
    this.#index.slots.create(type.name, record.demand.shape.needs);
    return this.#waits(record, 'waiting-for-create');
  }

  /** The first over quota keeps its lock while there are VMs: else every end of a quota period would cost it one more lock. */
  #overQuota(from: number): void {
    const { order, slots } = this.#index;
    const { pool } = this.#input;
    const keepsLock = pool.workers.length > 0 && order.length - from > 1;
    const first = order[from];
    for (const record of this.#restlessFrom(first)) {
      if (!record.settled) this.#markOverQuota(record);
      if (record !== first || !keepsLock) this.#unlock(record, 'over-quota');
    }
    for (const slot of slots.workers.order) {
      const worker = slots.workers.workers[slot];
      if (worker === undefined || worker.idleBehavior === 'hold' || worker.uncollected > 0) continue;
      if (worker.state !== 'booting' && worker.state !== 'idle') continue;
      if (slots.left.containers[slot] === 0) this.actions.push({ kind: 'shutdown', instanceId: worker.instanceId });
    }
  }

  /** Those behind the quota for which anything is to be done, in order. */
  #restlessFrom(first: QueueRecord | undefined): readonly QueueRecord[] {
    if (first === undefined) return [];
    const { restless, records } = this.#index;
    for (const uuid of this.#recovering) {
      const record = records.get(uuid);
      if (record !== undefined) restless.add(record);
    }
    return [...restless].filter((record) => compareRecords(record, first) >= 0).toSorted(compareRecords);
  }

  #markOverQuota(record: QueueRecord): void {
    if (record.waitsAs === undefined) this.#waits(record, codeWithoutPlace(record));
    else if (this.#recovering.has(record.uuid)) this.#waits(record, 'recovering');
    else if (record.demand.shape.types.length === 0) this.#waits(record, 'unsatisfiable');
    else this.#waits(record, record.priority < 1 ? 'priority-zero' : 'over-quota');
    if (record.code === 'over-quota' && record.waitsAs === 'Queued') this.#index.restless.delete(record);
  }

  #unlock(record: QueueRecord, reason: 'over-quota' | 'supervisor-limit'): void {
    if (record.waitsAs !== 'Locked' || record.settled || !this.#mayAct(record)) return;
    const { uuid, generation } = record.entry;
    this.actions.push({ kind: 'unlock', uuid, generation, reason });
  }

  #reject(record: QueueRecord): boolean {
    const { uuid, generation } = record.entry;
    if (this.#mayAct(record)) {
      const message = rejectionMessage(record.entry, this.#input.options);
      this.actions.push({ kind: 'reject', uuid, generation, message });
    }
    return this.#waits(record, 'unsatisfiable');
  }

  #killFormer(record: QueueRecord): boolean {
    const { uuid } = record.entry;
    if (this.#mayAct(record)) this.actions.push({ kind: 'kill', uuid, reason: 'a former attempt is still running' });
    return this.#waits(record, 'former-attempt-alive');
  }

  #waits(record: QueueRecord, code: WhyCode | undefined): boolean {
    if (record.code === code) return true;
    record.setCode(code, this.#input.nowMs);
    this.#index.restless.add(record);
    return true;
  }

  #isFormerAlive(record: QueueRecord): boolean {
    return record.formerAlive || this.#formerAlive.has(record.uuid);
  }

  #mayAct(record: QueueRecord): boolean {
    return !this.#input.busy.has(record.uuid) && !this.#recovering.has(record.uuid);
  }

  #availableType(record: QueueRecord): { readonly name: string } | undefined {
    return record.demand.availableType(this.#index.slots.pass, this.#input.pool.admission.typesAtCapacity);
  }

  #atQuota(): boolean {
    const { atQuota, quotaRoom } = this.#input.pool.admission;
    return atQuota || this.#creates >= quotaRoom;
  }
}
