import type { SshHost } from '../ssh-host.ts';
import type { FakeAccount } from './account.ts';
import type { Structure } from './values.ts';

/** Why a VM is no more. */
export interface StateReason {
  readonly code: string;
  readonly message: string;
}

/** A VM. What it looks like now follows from the clock; nothing runs in between. */
export interface FakeInstance {
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly clientToken: string;
  readonly type: string;
  readonly imageId: string;
  readonly keyName: string | undefined;
  readonly subnetId: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly privateAddress: string;
  readonly publicAddress: string | undefined;
  /** What answers SSH inside; its address is shown as the private one. */
  readonly host: SshHost | undefined;
  readonly userData: string;
  readonly request: Structure;
  readonly tags: Map<string, string>;
  readonly launchedAtMs: number;
  /** Set when its end has begun. */
  ending: { readonly fromMs: number; readonly untilMs: number; readonly reason: StateReason } | undefined;
  /** Hidden from listings although it exists. */
  hidden: boolean;
}

export type FakeState = 'pending' | 'running' | 'shutting-down' | 'stopping' | 'terminated';

const stateCodes: Readonly<Record<FakeState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  stopping: 64,
  terminated: 48,
};

/** The VMs of an account. */
export class FakeFleet {
  readonly #account: FakeAccount;
  readonly #instances = new Map<string, FakeInstance>();
  #created = 0;

  constructor(account: FakeAccount) {
    this.#account = account;
  }

  /** Every VM that was ever there, terminated ones too. */
  get all(): readonly FakeInstance[] {
    return [...this.#instances.values()];
  }

  get(id: string): FakeInstance | undefined {
    return this.#instances.get(id);
  }

  add(instance: FakeInstance): void {
    this.#instances.set(instance.id, instance);
  }

  /** Seventeen hex digits, as in AWS's ids. */
  newId(prefix: string): string {
    this.#created += 1;
    return `${prefix}-0${this.#created.toString(16).padStart(16, '0')}`;
  }

  state(instance: FakeInstance): FakeState {
    const nowMs = this.#account.clock.monotonicMs();
    const { ending } = instance;
    if (ending !== undefined && nowMs >= ending.untilMs) return 'terminated';
    if (ending !== undefined && nowMs >= ending.fromMs) return 'shutting-down';
    return nowMs < instance.launchedAtMs + this.#account.delays.bootMs ? 'pending' : 'running';
  }

  /** Whether listings show it. */
  isListed(instance: FakeInstance): boolean {
    return !instance.hidden && this.#isShown(instance, this.#account.delays.listedAfterMs);
  }

  /** Whether calls that name it know it. */
  isKnown(instance: FakeInstance): boolean {
    return this.#isShown(instance, this.#account.delays.knownAfterMs);
  }

  #isShown({ launchedAtMs, ending }: FakeInstance, delayMs: number): boolean {
    const nowMs = this.#account.clock.monotonicMs();
    if (nowMs < launchedAtMs + delayMs) return false;
    return ending === undefined || nowMs < ending.untilMs + this.#account.delays.terminatedVisibleMs;
  }

  /** Begins the end of a VM, if that has not begun. */
  end(instance: FakeInstance, reason: StateReason): void {
    const nowMs = this.#account.clock.monotonicMs();
    if (instance.ending !== undefined && nowMs >= instance.ending.fromMs) return;
    instance.host?.end();
    instance.ending = { fromMs: nowMs, untilMs: nowMs + this.#account.delays.shutdownMs, reason };
  }

  /** vCPUs that count against the quota. */
  vcpusInUse(spot: boolean): number {
    return this.all
      .filter((instance) => instance.spot === spot && this.state(instance) !== 'terminated')
      .reduce((sum, instance) => sum + (this.#account.types.get(instance.type)?.vcpus ?? 0), 0);
  }

  stateOf(instance: FakeInstance): Structure {
    const name = this.state(instance);
    return { Code: stateCodes[name], Name: name };
  }

  /** A VM as the API shows it. */
  describe(instance: FakeInstance): Structure {
    const state = this.state(instance);
    const hasAddress = state === 'pending' || state === 'running' || state === 'shutting-down';
    const { clock, clockOffsetMs } = this.#account;
    const wallMs = clock.wallMs() - clock.monotonicMs() + instance.launchedAtMs + clockOffsetMs;
    const { ending } = instance;
    const isEnding = state === 'terminated' || state === 'shutting-down';
    return {
      InstanceId: instance.id,
      ImageId: instance.imageId,
      InstanceType: instance.type,
      State: this.stateOf(instance),
      AmiLaunchIndex: instance.launchIndex,
      ClientToken: instance.clientToken,
      LaunchTime: new Date(wallMs),
      Placement: { AvailabilityZone: instance.zone, Tenancy: 'default' },
      Architecture: 'x86_64',
      RootDeviceType: 'ebs',
      VirtualizationType: 'hvm',
      ...(instance.keyName === undefined ? {} : { KeyName: instance.keyName }),
      ...(instance.spot ? { InstanceLifecycle: 'spot' } : {}),
      ...(hasAddress
        ? { SubnetId: instance.subnetId, PrivateIpAddress: instance.host?.address ?? instance.privateAddress }
        : {}),
      ...(hasAddress && state !== 'pending' ? { PublicIpAddress: instance.publicAddress } : {}),
      ...(isEnding && ending !== undefined
        ? { StateReason: { Code: ending.reason.code, Message: ending.reason.message } }
        : {}),
      Tags: Array.from(instance.tags, ([Key, Value]) => ({ Key, Value })),
    };
  }
}
