import type { CallOptions, Clock, Instance, InstanceId, InstanceType, PricePoint } from '@drover/spec';
import type { Ec2Params } from './params.ts';
import type { Ec2Api, SdkInstance, SdkInstanceType } from './sdk-subset.ts';

const bytesPerGib = 1024 ** 3;
const hoursPerMonth = 30 * 24;
/** How far back prices are asked for, in update intervals. */
const intervalsBack = 3;

/** Spot prices by type and zone, refreshed while there are spot VMs, never more often than configured. */
export class SpotPrices {
  readonly #api: Ec2Api;
  readonly #params: Ec2Params;
  readonly #clock: Clock;
  readonly #points = new Map<string, readonly PricePoint[]>();
  readonly #spotIds = new Set<string>();
  #askedAtMs: number | undefined;
  #askedTypes = new Set<string>();

  constructor(api: Ec2Api, params: Ec2Params, clock: Clock) {
    this.#api = api;
    this.#params = params;
    this.#clock = clock;
  }

  /** Asks for prices when they are due for these spot VMs. A failure costs nothing but their being older. */
  async refresh(spotVms: readonly SpotVm[], options: CallOptions): Promise<void> {
    this.#spotIds.clear();
    for (const vm of spotVms) this.#spotIds.add(vm.id);
    const types = new Set(spotVms.map((vm) => vm.type));
    const { spotPriceUpdateIntervalMs: intervalMs } = this.#params;
    const nowMs = this.#clock.monotonicMs();
    const isFresh =
      this.#askedAtMs !== undefined && nowMs - this.#askedAtMs < intervalMs && types.isSubsetOf(this.#askedTypes);
    if (intervalMs <= 0 || types.size === 0 || isFresh) return;
    this.#askedAtMs = nowMs;
    this.#askedTypes = new Set([...types, ...this.#askedTypes]);
    const StartTime = new Date(this.#clock.wallMs() - intervalsBack * intervalMs);
    const found: Found[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#api.describeSpotPriceHistory(
        {
          InstanceTypes: [...types],
          ProductDescriptions: ['Linux/UNIX'],
          StartTime,
          ...(NextToken === undefined ? {} : { NextToken }),
        },
        options,
      );
      for (const { InstanceType: type, AvailabilityZone: zone, SpotPrice, Timestamp } of page.SpotPriceHistory ?? [])
        if (Timestamp !== undefined && Number(SpotPrice) >= 0)
          found.push({ key: `${type}/${zone}`, fromMs: Timestamp.getTime(), pricePerHour: Number(SpotPrice) });
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
    } while (NextToken !== undefined);
    for (const [key, points] of Map.groupBy(found, (point) => point.key))
      this.#points.set(key, pricePoints([...(this.#points.get(key) ?? []), ...points]));
  }

  /** Prices of a spot VM, oldest first, with its added scratch; nothing for others. */
  history(instance: Instance, type: InstanceType): readonly PricePoint[] {
    if (!this.#spotIds.has(instance.id)) return [];
    const scratch = scratchPricePerHour(type, this.#params);
    const points = this.#points.get(`${instance.providerType}/${instance.zone}`) ?? [];
    return points.map((point) => ({ ...point, pricePerHour: point.pricePerHour + scratch }));
  }

  /** What a spot VM costs now, without added scratch; undefined when it is not known. */
  current(vm: SdkInstance): number | undefined {
    if (vm.InstanceLifecycle !== 'spot') return undefined;
    return this.#points.get(`${vm.InstanceType}/${vm.Placement?.AvailabilityZone}`)?.at(-1)?.pricePerHour;
  }
}

/** A spot VM as far as its price goes. */
export interface SpotVm {
  readonly id: InstanceId;
  readonly type: SdkInstanceType;
}

interface Found extends PricePoint {
  readonly key: string;
}

/** Puts steps in order and drops those that change nothing, keeping the oldest of equal ones. */
export function pricePoints(points: readonly PricePoint[]): readonly PricePoint[] {
  const kept: PricePoint[] = [];
  for (const { fromMs, pricePerHour } of points.toSorted((a, b) => a.fromMs - b.fromMs))
    if (kept.at(-1)?.pricePerHour !== pricePerHour) kept.push({ fromMs, pricePerHour });
  return kept;
}

/** What a VM's added scratch volume costs per hour. */
function scratchPricePerHour({ addedScratchBytes }: InstanceType, { ebsPrice }: Ec2Params): number {
  return (Math.ceil(Math.max(0, addedScratchBytes) / bytesPerGib) * ebsPrice) / hoursPerMonth;
}
