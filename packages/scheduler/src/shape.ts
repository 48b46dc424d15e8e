import type { InstanceType, QueueEntry } from '@drover/spec';
import { chooseTypes, compareTypes } from './choose-types.ts';
import { type Needs, needsOf } from './needs.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

/** What containers that ask the same have in common. Containers of one shape share the object. */
export interface Shape {
  readonly needs: Needs;
  /** Eligible types in the order in which a VM for it is asked for. */
  readonly types: readonly InstanceType[];
}

/** Tells the shape of a container. Equal answers must be the same object. */
export interface ShapeSource {
  shapeOf(entry: QueueEntry): Shape;
}

/** Finds needs and eligible types once per shape, however many containers have it. */
export class ShapeTable implements ShapeSource {
  readonly #options: SchedulerOptions;
  /** In the order in which they are chosen, so that sorting the eligible ones costs nothing. */
  readonly #types: readonly InstanceType[];
  readonly #shapes = new Map<string, Shape>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#types = options.instanceTypes.toSorted(compareTypes);
  }

  shapeOf(entry: QueueEntry): Shape {
    const key = shapeKey(entry);
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const needs = needsOf(entry, this.#options);
    const shape = { needs, types: chooseTypes(this.#types, entry, needs, this.#options.maximumPriceFactor) };
    this.#shapes.set(key, shape);
    return shape;
  }
}

/** Equal for containers that ask the same. Hand-written: JSON.stringify takes three times as long. */
function shapeKey(entry: QueueEntry): string {
  const { vcpus, ramBytes, cacheRamBytes, scratchBytes, cacheDiskBytes, gpu } = entry.resources;
  const { preemptible, instanceTypes, maxPricePerHour } = entry.scheduling;
  let key = `${vcpus} ${ramBytes} ${cacheRamBytes} ${scratchBytes.join('+')} ${cacheDiskBytes} ${preemptible}`;
  if (entry.onDemandOnly === true) key += ' on-demand';
  if (entry.image !== undefined && entry.image !== '') key += ` image ${entry.image}`;
  if (maxPricePerHour !== undefined) key += ` price ${maxPricePerHour}`;
  if (instanceTypes !== undefined && instanceTypes.length > 0) key += ` types ${JSON.stringify(instanceTypes)}`;
  if (gpu !== undefined) key += ` gpu ${JSON.stringify(gpu)}`;
  return key;
}
