/** The lines of the vector files. Sizes are in bytes; see README.md. */
export interface VectorGpu {
  readonly stack: string;
  readonly driverVersion: string;
  readonly count: number;
  readonly vram: number;
  readonly hardwareTarget: string;
}

export interface VectorType {
  readonly name: string;
  readonly providerType: string;
  readonly vcpus: number;
  readonly ram: number;
  readonly scratch: number;
  readonly price: number;
  readonly preemptible: boolean;
  readonly gpu?: VectorGpu;
}

export interface VectorNeeds {
  readonly vcpus: number;
  readonly ram: number;
  readonly scratch: number;
  readonly gpus?: number;
  readonly gpuVram?: number;
}

/** A line of `instance-type-choice.jsonl`. */
export interface ChoiceVector {
  readonly seed: number;
  readonly given: ChoiceGiven;
  readonly expect: { readonly types: readonly string[]; readonly unsatisfiable: boolean; readonly needs: VectorNeeds };
}

export interface ChoiceGiven {
  readonly maximumPriceFactor: number;
  readonly reserveExtraRam: number;
  readonly keepBlobBuffersPerVcpu: number;
  readonly instanceTypes: readonly VectorType[];
  readonly container: {
    readonly vcpus: number;
    readonly ram: number;
    readonly cacheRam: number;
    readonly cacheDisk: number;
    readonly tmpMounts: readonly number[];
    readonly image: string;
    readonly preemptible: boolean;
    readonly gpu: Omit<VectorGpu, 'hardwareTarget'> & { readonly hardwareTarget: readonly string[] };
  };
}

export interface VectorInstance {
  readonly id: string;
  readonly type: string;
  readonly state: 'unknown' | 'booting' | 'idle' | 'running' | 'shutdown';
  readonly idleBehavior: 'run' | 'hold' | 'drain';
  readonly running: readonly string[];
}

export interface VectorContainer {
  readonly uuid: string;
  readonly state: 'Queued' | 'Locked' | 'Running' | 'Complete' | 'Cancelled';
  readonly priority: number;
  readonly supervisor: boolean;
  readonly needs: VectorNeeds;
  readonly eligibleTypes: readonly string[];
  readonly firstSeen: number;
  readonly onWorker: boolean;
  readonly formerAttemptAlive: boolean;
}

/** A line of `scheduler-pass.jsonl`. */
export interface PassVector {
  readonly seed: number;
  readonly given: PassGiven;
  readonly expect: PassExpect;
}

export interface PassGiven {
  readonly instanceTypes: readonly VectorType[];
  readonly instances: readonly VectorInstance[];
  readonly containers: readonly VectorContainer[];
  readonly atQuota: boolean;
  readonly quotaInstances: number;
  readonly createsAccepted: number;
  readonly dynamicLimit: number;
  readonly instancesWithinQuota: number;
  readonly maxContainersPerInstance: number;
  readonly supervisorFraction: number;
  readonly typesAtCapacity: readonly string[];
}

export interface PassExpect {
  readonly order: readonly string[];
  readonly starts: readonly { readonly container: string; readonly instance: string }[];
  readonly creates: readonly string[];
  readonly locks: readonly string[];
  readonly unlocks: readonly string[];
  readonly kills: readonly string[];
  readonly shutdowns: readonly string[];
  readonly dynamicLimit: number;
  readonly instancesWithinQuota: number;
}
