import type { Clock, CreateRequest, Instance, InstanceId, LaunchFailure, Listing, Tags } from '@drover/spec';
import { CapacityError } from '@drover/spec';
import type { SeededRandom } from '../seeded-random.ts';
import type { CloudFaults } from './cloud-faults.ts';
import { type CloudHooks, type DelayRange, fakeCloudDefaults, type FakeCloudOptions } from './fake-cloud-options.ts';
import { FakeVm, hasTags } from './fake-vm.ts';
import type { FaultDice } from './fault-dice.ts';

const rememberedAddresses = 64;

/** The VMs of a simulated cloud and how they live and die, without the calls that ask for it. */
export class FakeFleet {
  readonly #clock: Clock;
  readonly #dice: FaultDice;
  readonly #random: SeededRandom;
  readonly #faults: CloudFaults;
  readonly #hooks: CloudHooks;
  readonly #bootDelay: DelayRange;
  readonly #stopDelay: DelayRange;
  readonly #terminatedVisibleMs: number;
  readonly #vms = new Map<InstanceId, FakeVm>();
  readonly #freeAddresses: string[] = [];
  #made = 0;
  #addresses = 0;
  #alive = 0;

  constructor(options: FakeCloudOptions, faults: CloudFaults, dice: FaultDice) {
    this.#clock = options.clock;
    this.#dice = dice;
    this.#random = options.random.fork('fleet');
    this.#faults = faults;
    this.#hooks = options.hooks ?? {};
    this.#bootDelay = options.bootDelay ?? fakeCloudDefaults.bootDelay;
    this.#stopDelay = options.stopDelay ?? fakeCloudDefaults.stopDelay;
    this.#terminatedVisibleMs = options.terminatedVisibleMs ?? fakeCloudDefaults.terminatedVisibleMs;
  }

  /** VMs that are not terminated, foreign ones included. */
  get alive(): number {
    return this.#alive;
  }

  /** Every VM that the cloud still knows of. */
  all(): Iterable<FakeVm> {
    return this.#vms.values();
  }

  get(id: InstanceId): FakeVm | undefined {
    return this.#vms.get(id);
  }

  /** VM number `index` of the request, pending. */
  launch(request: CreateRequest, index: number): FakeVm {
    const tags = request.tags[index] ?? {};
    const untagged = this.#dice.strikes('missingTags', this.#faults.missingTagsRate);
    const { instanceType, offering } = request;
    const instance: Instance = {
      id: this.#nextId(),
      providerType: instanceType.providerType,
      lifecycle: 'pending',
      tags: untagged ? {} : tags,
      address: '',
      zone: offering.zone,
      pricePerHour: offering.pricePerHour,
    };
    const boot = {
      createId: request.createId,
      hostKeys: [this.#newHostKey()],
      initCommand: request.initCommands[index] ?? '',
      authorizedKey: request.authorizedKey,
      instanceType,
    };
    const vm = this.#add(new FakeVm(instance, this.#clock.monotonicMs(), { boot, offering, foreign: false }));
    if (untagged) {
      this.#clock.timer(this.#faults.missingTagsMs, () => {
        this.change(vm, { tags: { ...tags, ...vm.instance.tags } });
      });
    }
    this.#scheduleBoot(vm);
    return vm;
  }

  /** A running VM that belongs to somebody else. */
  addForeign(tags: Tags, providerType: string): FakeVm {
    const instance: Instance = {
      id: this.#nextId(),
      providerType,
      lifecycle: 'running',
      tags,
      address: this.#takeAddress(),
    };
    const boot = {
      createId: '',
      hostKeys: [this.#newHostKey()],
      initCommand: '',
      authorizedKey: '',
      instanceType: undefined,
    };
    return this.#add(new FakeVm(instance, this.#clock.monotonicMs(), { boot, foreign: true }));
  }

  /** Something else is true of a VM from now on. */
  change(vm: FakeVm, changes: Parameters<FakeVm['change']>[1]): void {
    vm.change(this.#clock.monotonicMs(), changes);
    this.#hooks.onChange?.(vm.instance, vm);
  }

  /** Begins to stop a VM; it is terminated after the stop delay. One that stops or has stopped is left alone. */
  stop(vm: FakeVm): void {
    if (vm.lifecycle === 'stopping' || vm.lifecycle === 'terminated') return;
    this.change(vm, { lifecycle: 'stopping' });
    this.#clock.timer(this.#dice.delayMs('stopDelay', this.#stopDelay), () => this.terminate(vm));
  }

  /** Ends a VM at once. */
  terminate(vm: FakeVm): void {
    if (vm.lifecycle === 'terminated') return;
    this.change(vm, { lifecycle: 'terminated' });
    this.#alive -= 1;
    if (vm.instance.address !== '') this.#freeAddress(vm.instance.address);
    this.#clock.timer(this.#terminatedVisibleMs, () => this.#vms.delete(vm.id));
    this.#hooks.onGone?.(vm.instance);
  }

  /** Gives notice and takes the VM away when it has passed. */
  preempt(vm: FakeVm, noticeMs: number): void {
    if (vm.lifecycle !== 'running') return;
    this.#hooks.onNotice?.(vm.instance, noticeMs);
    this.#clock.timer(noticeMs, () => this.terminate(vm));
  }

  /** What a listing shows now, lag and vanished VMs included. */
  listing(tags: Tags): Listing {
    const nowMs = this.#clock.monotonicMs();
    const faults = this.#faults;
    const wanted = Object.entries(tags);
    const lagMs = faults.listLagMs > 0 ? this.#dice.delayMs('listLag', { minMs: 0, maxMs: faults.listLagMs }) : 0;
    const instances: Instance[] = [];
    const launchFailures: LaunchFailure[] = [];
    for (const vm of this.#vms.values()) {
      if (vm.failure !== undefined && hasTags(vm.instance, wanted)) launchFailures.push(vm.failure);
      if (vm.hiddenUntilMs > nowMs) continue;
      if (this.#dice.strikes('vanish', faults.vanishRate)) {
        vm.hiddenUntilMs = nowMs + faults.vanishMs;
        continue;
      }
      const seen = lagMs === 0 ? vm.instance : vm.at(nowMs - lagMs);
      if (seen !== vm.instance) this.#dice.hit('listLag');
      if (seen !== undefined && hasTags(seen, wanted)) instances.push(seen);
    }
    return { instances, launchFailures };
  }

  #add(vm: FakeVm): FakeVm {
    this.#vms.set(vm.id, vm);
    this.#alive += 1;
    this.#hooks.onChange?.(vm.instance, vm);
    return vm;
  }

  #scheduleBoot(vm: FakeVm): void {
    const faults = this.#faults;
    if (this.#dice.strikes('stuckPending', faults.stuckPendingRate)) return;
    const fails = this.#dice.strikes('launchFailure', faults.launchFailureRate);
    const comesAlive = !this.#dice.strikes('neverBoots', faults.neverBootsRate);
    this.#clock.timer(this.#dice.delayMs('bootDelay', this.#bootDelay), () => {
      if (vm.lifecycle !== 'pending') return;
      if (fails) this.#failLaunch(vm);
      else this.#run(vm, comesAlive);
    });
  }

  #failLaunch(vm: FakeVm): void {
    vm.failure = {
      createId: vm.boot.createId,
      offeringId: vm.offering?.id ?? '',
      instanceId: vm.id,
      error: new CapacityError(`no room for ${vm.id} after all`, { scope: 'offering' }),
    };
    this.terminate(vm);
  }

  #run(vm: FakeVm, comesAlive: boolean): void {
    vm.runningSinceMs = this.#clock.monotonicMs();
    this.change(vm, { lifecycle: 'running', address: this.#takeAddress() });
    if (comesAlive) this.#hooks.onRunning?.(vm.instance, vm.boot);
    const meanMs = this.#faults.spotKillMeanMs;
    if (vm.offering?.preemptible !== true || meanMs <= 0) return;
    this.#clock.timer(this.#dice.exponentialMs('spotKill', meanMs), () => {
      if (this.#faults.spotKillMeanMs <= 0 || vm.lifecycle !== 'running') return;
      if (!this.#dice.strikes('spotKill', 1)) return;
      this.preempt(vm, this.#faults.spotNoticeMs);
    });
  }

  #nextId(): InstanceId {
    this.#made += 1;
    return `i-${this.#made.toString(16).padStart(8, '0')}`;
  }

  #takeAddress(): string {
    const reused = this.#faults.reuseAddresses ? this.#freeAddresses.pop() : undefined;
    if (reused !== undefined) {
      this.#dice.hit('reuseAddresses');
      return reused;
    }
    this.#addresses += 1;
    return `vm-${this.#addresses}.cloud.test:22`;
  }

  #freeAddress(address: string): void {
    this.#freeAddresses.push(address);
    if (this.#freeAddresses.length > rememberedAddresses) this.#freeAddresses.shift();
  }

  #newHostKey(): string {
    return `ssh-ed25519 ${Buffer.from(this.#random.hex(32), 'hex').toString('base64')}`;
  }
}
