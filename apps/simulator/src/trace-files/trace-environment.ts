import type { InstanceId, InstanceType } from '@drover/spec';
import type { InstanceRecord, ShortageRecord, TraceRecord } from '@drover/trace';

/** A time in which the cloud did not give something. Milliseconds after the first job. */
export interface Shortage {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly scope: 'all' | 'instance-type' | 'offering';
  readonly instanceType: string;
  /** Of an offering. */
  readonly zone: string;
}

/** What a recorded trace tells about the cloud that it was recorded on. */
export interface TraceEnvironment {
  /** As configured at the end. */
  readonly instanceTypes: readonly InstanceType[];
  /** From create to ready, of each VM that got there; a sample when they were many. */
  readonly bootMs: readonly number[];
  readonly zones: readonly {
    readonly name: string;
    /** Hours of spot VMs there, and how many were interrupted. */
    readonly spotHours: number;
    readonly interruptions: number;
  }[];
  readonly shortages: readonly Shortage[];
}

const maxSample = 10_000;
/** A refusal closes what it is about for so long, after which it is tried again (the throttle's default). */
const refusedForMs = 60_000;
const hourMs = 3_600_000;

interface Vm {
  readonly zone: string;
  readonly preemptible: boolean;
  readonly sinceMs: number;
}

interface Zone {
  spotMs: number;
  interruptions: number;
}

/** Learns about the cloud from the lines of a trace. */
export class EnvironmentReader {
  #instanceTypes: readonly InstanceType[] = [];
  readonly #bootMs: number[] = [];
  #boots = 0;
  readonly #vms = new Map<InstanceId, Vm>();
  readonly #zones = new Map<string, Zone>();
  readonly #shortages: ({ atMs: number } & Omit<Shortage, 'fromMs' | 'untilMs'>)[] = [];
  #lastAtMs = 0;

  take(record: TraceRecord): void {
    if (record.type === 'drover-trace') this.#instanceTypes = record.instanceTypes;
    if (record.type === 'instance') this.#takeInstance(record);
    if (record.type === 'shortage') this.#takeShortage(record);
    if ('atMs' in record) this.#lastAtMs = record.atMs;
  }

  /** `startMs`: the wall clock of the first submission. */
  environment(startMs: number): TraceEnvironment {
    for (const id of this.#vms.keys()) this.#gone(id, this.#lastAtMs);
    return {
      instanceTypes: this.#instanceTypes,
      bootMs: this.#bootMs,
      zones: Array.from(this.#zones, ([name, { spotMs, interruptions }]) => ({
        name,
        spotHours: spotMs / hourMs,
        interruptions,
      })),
      shortages: this.#shortages.map(({ atMs, ...what }) => ({
        ...what,
        fromMs: atMs - startMs,
        untilMs: atMs - startMs + refusedForMs,
      })),
    };
  }

  #takeInstance(record: InstanceRecord): void {
    switch (record.event) {
      case 'running': {
        const { zone = '', instanceId, instanceType, atMs } = record;
        const type = this.#instanceTypes.find(({ name }) => name === instanceType);
        this.#vms.set(instanceId, { zone, preemptible: type?.preemptible === true, sinceMs: atMs });
        this.#zoneOf(zone);
        return;
      }
      case 'ready':
        this.#sample(record.sinceCreateMs);
        return;
      case 'interrupted': {
        const vm = this.#vms.get(record.instanceId);
        if (vm?.preemptible === true) this.#zoneOf(vm.zone).interruptions += 1;
        return;
      }
      case 'gone':
        this.#gone(record.instanceId, record.atMs);
        return;
      // Calls say nothing that their VMs do not say.
      default:
    }
  }

  #takeShortage(record: ShortageRecord): void {
    if (record.kind !== 'capacity') return;
    const { atMs, instanceType, zone } = record;
    const scope = record.scope === 'all' || record.scope === 'offering' ? record.scope : 'instance-type';
    this.#shortages.push({ atMs, scope, instanceType, zone });
  }

  #gone(id: InstanceId, atMs: number): void {
    const vm = this.#vms.get(id);
    if (vm === undefined) return;
    this.#vms.delete(id);
    if (vm.preemptible) this.#zoneOf(vm.zone).spotMs += atMs - vm.sinceMs;
  }

  #zoneOf(name: string): Zone {
    let zone = this.#zones.get(name);
    if (zone === undefined) {
      zone = { spotMs: 0, interruptions: 0 };
      this.#zones.set(name, zone);
    }
    return zone;
  }

  /** Every one while there are few, then every n-th takes the place of an older one. */
  #sample(ms: number): void {
    const place = this.#boots % maxSample;
    this.#boots += 1;
    if (this.#bootMs.length < maxSample || this.#boots % 7 === 0) this.#bootMs[place] = ms;
  }
}
