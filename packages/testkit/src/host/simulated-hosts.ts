import type { Executor, ExecutorFactory, Instance, InstanceId } from '@drover/spec';
import type { CloudHooks, VmBoot } from '../cloud/index.ts';
import { hostFaults, type SimulatedHostsOptions } from './host-options.ts';
import { SimulatedExecutor } from './simulated-executor.ts';
import { SimulatedHost } from './simulated-host.ts';

/**
 * The insides of a simulated cloud's VMs: hand `cloudHooks` to the cloud and `executorFactory` to the pool. They outlive the
 * dispatchers that use them, as VMs do.
 */
export class SimulatedHosts {
  readonly cloudHooks: CloudHooks;
  readonly executorFactory: ExecutorFactory;
  readonly #options: SimulatedHostsOptions;
  readonly #byId = new Map<InstanceId, SimulatedHost>();
  #healed = false;
  #openExecutors = 0;
  readonly #byAddress = new Map<string, SimulatedHost>();

  constructor(options: SimulatedHostsOptions) {
    this.#options = options;
    this.cloudHooks = {
      onRunning: (instance, boot) => this.#boot(instance, boot),
      onNotice: (instance, inMs) => this.get(instance.id)?.agent.preempt(`taken away in ${inMs / 1_000} s`),
      onGone: (instance) => this.#gone(instance.id),
    };
    this.executorFactory = () => this.executor();
  }

  /** An executor of its own, e.g. for another dispatcher. */
  executor(): Executor {
    this.#openExecutors += 1;
    return new SimulatedExecutor({
      find: (address) => this.#byAddress.get(address),
      sleep: (ms, signal) => this.#options.clock.sleep(ms, { signal }),
      onClose: () => (this.#openExecutors -= 1),
    });
  }

  /** Executors that were made and have not been closed. */
  get openExecutors(): number {
    return this.#openExecutors;
  }

  /** Every fault of every host is put right, and new hosts have none. What is broken on a host stays as it is. */
  heal(): void {
    this.#healed = true;
    for (const host of this.#byId.values()) Object.assign(host.faults, hostFaults());
  }

  /** The host behind a VM, once it is up. */
  get(id: InstanceId): SimulatedHost | undefined {
    return this.#byId.get(id);
  }

  /** All hosts that are up. */
  all(): readonly SimulatedHost[] {
    return [...this.#byId.values()];
  }

  #boot(instance: Instance, boot: VmBoot): void {
    const { clock, sshDelayMs = 0 } = this.#options;
    const host = new SimulatedHost(
      {
        instanceId: instance.id,
        address: instance.address,
        hostKey: boot.hostKeys[0] ?? 'ssh-ed25519 none',
        secret: secretOf(boot.initCommand),
      },
      this.#healed ? { ...this.#options, faults: {} } : this.#options,
    );
    this.#byId.set(instance.id, host);
    const listen = (): void => {
      if (host.alive) this.#byAddress.set(instance.address, host);
    };
    if (sshDelayMs > 0) clock.timer(sshDelayMs, listen);
    else listen();
  }

  #gone(id: InstanceId): void {
    const host = this.#byId.get(id);
    if (host === undefined) return;
    host.die();
    this.#byId.delete(id);
    if (this.#byAddress.get(host.address) === host) this.#byAddress.delete(host.address);
  }
}

/** What the init command writes into the secret file. */
function secretOf(initCommand: string): string | undefined {
  return /printf %s ([0-9a-f]+) /.exec(initCommand)?.[1];
}
