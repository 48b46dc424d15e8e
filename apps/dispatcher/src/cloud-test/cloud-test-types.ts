import type {
  Clock,
  ErrorCode,
  ExecutorFactory,
  Instance,
  InstanceId,
  InstanceSet,
  InstanceType,
  Offering,
  Random,
  RunnerDeployment,
} from '@drover/spec';
import type { PoolOptions } from '@drover/pool';

/** What every VM of a test goes through, in this order; `destroy` and `gone` come whatever went wrong before. */
export type VmStepName = 'create' | 'boot' | 'identity' | 'probe' | 'runner' | 'command' | 'tags' | 'destroy' | 'gone';

/** How one step went. */
export interface VmStep {
  readonly step: VmStepName;
  readonly ok: boolean;
  readonly tookMs: number;
  /** What was seen, or what went wrong. */
  readonly detail: string;
  /** Of the error, with how to mend it. */
  readonly code?: ErrorCode;
  readonly fix?: string;
}

/** What is bought. */
export interface VmTarget {
  readonly instanceType: InstanceType;
  readonly offering: Offering;
}

/** How the test of one VM went. */
export interface VmTestResult {
  readonly instanceType: string;
  readonly offeringId: string;
  readonly zone: string;
  readonly preemptible: boolean;
  readonly instanceId?: InstanceId;
  readonly ok: boolean;
  /** From the request to a VM that answers by SSH, has proven who it is and has booted; undefined: it never came so far. */
  readonly bootMs?: number;
  readonly steps: readonly VmStep[];
}

/** The outside world of a test. */
export interface CloudTestContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Throttled: it waits by itself where the cloud asks for that. */
  readonly instanceSet: InstanceSet;
  readonly executorFactory: ExecutorFactory;
  /** Undefined: no runner is brought to the VM. */
  readonly runner: RunnerDeployment | undefined;
  readonly options: PoolOptions;
  /** A shell command line to run on the VM; empty: none. */
  readonly command: string;
  /** Called when a VM is up and everything was tried on it; it goes when this resolves. */
  readonly beforeDestroy: (instance: Instance) => Promise<void>;
  /** Hears of every step as it ends. */
  readonly onStep: (target: VmTarget, step: VmStep) => void;
}
