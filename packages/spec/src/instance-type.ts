/** GPUs of an instance type. */
export interface InstanceGpu {
  readonly stack: 'cuda' | 'rocm';
  readonly count: number;
  /** Per device, in bytes. */
  readonly vramBytes: number;
  /** A decimal number as text, e.g. `12.2`. */
  readonly driverVersion: string;
  /** CUDA compute capability (`8.6`) or ROCm target (`gfx1100`). */
  readonly hardwareTarget: string;
}

/** A configured offer of VMs. */
export interface InstanceType {
  /** drover's name of it, unique in the configuration. */
  readonly name: string;
  /** The cloud's name of it. */
  readonly providerType: string;
  readonly vcpus: number;
  readonly ramBytes: number;
  /** All scratch space: included plus added. */
  readonly scratchBytes: number;
  /** The part of `scratchBytes` that comes with the VM. */
  readonly includedScratchBytes: number;
  /** The part that the driver adds as a disk of its own. */
  readonly addedScratchBytes: number;
  /** Per hour, in the site's currency. */
  readonly pricePerHour: number;
  readonly preemptible: boolean;
  readonly gpu?: InstanceGpu;
}

/**
 * One way to buy an instance type: a zone or subnet, spot or on-demand. The unit of price and of unavailability.
 * `id` is unique within the instance set and stable across restarts.
 */
export interface Offering {
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly preemptible: boolean;
  readonly pricePerHour: number;
}
