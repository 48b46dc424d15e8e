import type { Instance, InstanceId, InstanceType } from '@drover/spec';
import type { ReplayReport, TypeUse } from './replay-report.ts';

const hourMs = 3_600_000;

interface Vm {
  readonly type: InstanceType;
  readonly pricePerHour: number;
  readonly launchedAtMs: number;
  readyAtMs: number | undefined;
  runs: number;
  busyMs: number;
  busySinceMs: number;
}

interface Use {
  vms: number;
  ms: number;
  cost: number;
}

/** Meters the VMs: what each costs and what it does. Times are monotonic. */
export class VmMeter {
  readonly #minimumBilledMs: number;
  readonly #alive = new Map<InstanceId, Vm>();
  readonly #byType = new Map<string, { readonly type: InstanceType; readonly use: Use }>();
  readonly #ms = { boot: 0, busy: 0, total: 0, vcpus: 0, ram: 0 };
  #peak = 0;

  constructor(minimumBilledMs: number) {
    this.#minimumBilledMs = minimumBilledMs;
  }

  get alive(): number {
    return this.#alive.size;
  }

  get peak(): number {
    return this.#peak;
  }

  launched({ id, pricePerHour = 0 }: Instance, type: InstanceType, nowMs: number): void {
    const vm = { type, pricePerHour, launchedAtMs: nowMs, readyAtMs: undefined, runs: 0, busyMs: 0, busySinceMs: 0 };
    this.#alive.set(id, vm);
    this.#peak = Math.max(this.#peak, this.#alive.size);
  }

  ready(id: InstanceId, nowMs: number): void {
    const vm = this.#alive.get(id);
    if (vm !== undefined) vm.readyAtMs ??= nowMs;
  }

  runStarted(id: InstanceId, nowMs: number): void {
    const vm = this.#alive.get(id);
    if (vm === undefined) return;
    if (vm.runs === 0) vm.busySinceMs = nowMs;
    vm.runs += 1;
  }

  runEnded(id: InstanceId, nowMs: number): void {
    const vm = this.#alive.get(id);
    if (vm === undefined) return;
    vm.runs -= 1;
    if (vm.runs === 0) vm.busyMs += nowMs - vm.busySinceMs;
  }

  gone(id: InstanceId, nowMs: number): void {
    const vm = this.#alive.get(id);
    if (vm === undefined) return;
    this.#alive.delete(id);
    const { type, launchedAtMs, pricePerHour } = vm;
    const lifeMs = nowMs - launchedAtMs;
    const { use } = this.#useOf(type);
    use.vms += 1;
    use.ms += lifeMs;
    use.cost += (Math.max(lifeMs, this.#minimumBilledMs) / hourMs) * pricePerHour;
    this.#ms.total += lifeMs;
    this.#ms.boot += (vm.readyAtMs ?? nowMs) - launchedAtMs;
    this.#ms.busy += vm.busyMs + (vm.runs > 0 ? nowMs - vm.busySinceMs : 0);
    this.#ms.vcpus += lifeMs * type.vcpus;
    this.#ms.ram += lifeMs * type.ramBytes;
  }

  /** Whatever is still alive counts up to now. */
  close(nowMs: number): void {
    for (const id of this.#alive.keys()) this.gone(id, nowMs);
  }

  /** `asked`: what all runs, lost ones included, held for how long. */
  report(asked: {
    readonly vcpuMs: number;
    readonly ramByteMs: number;
  }): Pick<ReplayReport, 'cost' | 'hours' | 'types' | 'utilisation'> {
    const types = Array.from(this.#byType.values(), toTypeUse).toSorted((a, b) => b.cost - a.cost);
    const costOf = (spot: boolean): number => sum(types.filter((t) => t.preemptible === spot).map((t) => t.cost));
    const [onDemand, spot] = [costOf(false), costOf(true)];
    const { boot, busy, total, vcpus, ram } = this.#ms;
    return {
      cost: { total: onDemand + spot, onDemand, spot },
      hours: { total: total / hourMs, boot: boot / hourMs, busy: busy / hourMs, idle: (total - boot - busy) / hourMs },
      types,
      utilisation: { vcpus: share(asked.vcpuMs, vcpus), ram: share(asked.ramByteMs, ram) },
    };
  }

  #useOf(type: InstanceType) {
    const known = this.#byType.get(type.name);
    if (known !== undefined) return known;
    const made = { type, use: { vms: 0, ms: 0, cost: 0 } };
    this.#byType.set(type.name, made);
    return made;
  }
}

function toTypeUse({ type, use }: { readonly type: InstanceType; readonly use: Use }): TypeUse {
  const { name: instanceType, preemptible } = type;
  return { instanceType, preemptible, vms: use.vms, vmHours: use.ms / hourMs, cost: use.cost };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
