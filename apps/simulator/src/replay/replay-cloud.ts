import type { CreateRequest, CreateResult, Instance, InstanceSet } from '@drover/spec';
import { type CloudHooks, FakeCloud, type SeededRandom, type SimulatedClock } from '@drover/testkit';
import type { CloudModel } from './replay-options.ts';
import { applyShortages } from './shortages.ts';
import type { VmMeter } from './vm-meter.ts';

/** What a replay's cloud tells. */
export interface ReplayCloudListener {
  readonly onLaunch: () => void;
  readonly onGone: () => void;
  /** A spot VM was taken away. */
  readonly onInterruption: () => void;
}

/** The cloud of a replay: one that does what it is asked, meters every VM, and takes spot VMs away as its model says. */
export class ReplayCloud {
  readonly instanceSet: InstanceSet;
  readonly #cloud: FakeCloud;
  readonly #clock: SimulatedClock;
  readonly #meter: VmMeter;
  readonly #listener: ReplayCloudListener;
  readonly #spotLifeMs: (zone: string) => number;

  constructor(
    model: CloudModel,
    ports: {
      readonly clock: SimulatedClock;
      readonly random: SeededRandom;
      readonly hosts: CloudHooks;
      readonly meter: VmMeter;
    },
    listener: ReplayCloudListener,
  ) {
    const { clock, random, hosts, meter } = ports;
    this.#clock = clock;
    this.#meter = meter;
    this.#listener = listener;
    this.#spotLifeMs = spotLives(model, random.fork('spot'));
    const latency = { minMs: model.callLatencyMs, maxMs: model.callLatencyMs };
    const stopDelay = { minMs: model.stopMs, maxMs: model.stopMs };
    this.#cloud = new FakeCloud({
      clock,
      random,
      // How long a VM takes to boot is up to its inside.
      bootDelay: { minMs: 0, maxMs: 0 },
      latency,
      stopDelay,
      faults: { quota: model.quota },
      zones: model.zones.map(({ name }) => ({ name, priceFactor: 1 })),
      hooks: {
        ...hosts,
        onRunning: (instance, boot) => {
          hosts.onRunning?.(instance, boot);
          if (boot.instanceType?.preemptible === true) this.#doom(instance, model.spotNoticeMs);
        },
        onGone: (instance) => {
          // Its runs end before its bill does.
          hosts.onGone?.(instance);
          this.#meter.gone(instance.id, clock.monotonicMs());
          listener.onGone();
        },
      },
    });
    applyShortages(this.#cloud, clock, model.shortages);
    this.instanceSet = this.#metered(this.#cloud);
  }

  /** VMs that are not gone. */
  get alive(): number {
    return this.#meter.alive;
  }

  #doom({ id, zone = '' }: Instance, noticeMs: number): void {
    const lifeMs = this.#spotLifeMs(zone);
    if (!Number.isFinite(lifeMs)) return;
    this.#clock.timer(Math.max(0, lifeMs - noticeMs), () => {
      const vm = this.#cloud.vm(id);
      if (vm?.lifecycle !== 'running') return;
      this.#listener.onInterruption();
      this.#cloud.kill(id, { noticeMs });
    });
  }

  #metered(cloud: FakeCloud): InstanceSet {
    const launched = (request: CreateRequest, results: readonly CreateResult[]): readonly CreateResult[] => {
      for (const result of results) {
        if (!result.ok) continue;
        this.#meter.launched(result.instance, request.instanceType, this.#clock.monotonicMs());
        this.#listener.onLaunch();
      }
      return results;
    };
    return {
      offerings: (type) => cloud.offerings(type),
      create: async (request, options) => launched(request, await cloud.create(request, options)),
      list: (tags, options) => cloud.list(tags, options),
      describe: (id, options) => cloud.describe(id, options),
      destroy: (instance, options) => cloud.destroy(instance, options),
      setTags: (instance, tags, options) => cloud.setTags(instance, tags, options),
      hostKeys: (id, options) => cloud.hostKeys?.(id, options) ?? Promise.resolve([]),
      quotaGroup: (type) => cloud.quotaGroup(type),
      close: () => cloud.close(),
    };
  }
}

/** Draws how long a spot VM lives, by its zone. */
function spotLives({ zones }: CloudModel, random: SeededRandom): (zone: string) => number {
  const means = new Map(zones.map(({ name, spotMeanLifeMs }) => [name, spotMeanLifeMs]));
  return (zone) => -Math.log(1 - random.next()) * (means.get(zone) ?? Number.POSITIVE_INFINITY);
}
