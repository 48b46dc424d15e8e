import type { SshHost } from '../ssh-host.ts';
import { ArmError } from './arm-error.ts';
import type { FakeAzureOptions } from './fake-azure-options.ts';
import type { Json } from './json.ts';

/** A VM, its network interface and its disks. Names are kept as given and compared in lower case, as Azure does. */
export interface FakeVm {
  readonly name: string;
  readonly id: string;
  /** The body of the create request. */
  readonly body: Json;
  readonly createdMs: number;
  readonly readyMs: number;
  readonly size: string;
  readonly spot: boolean;
  readonly address: string;
  /** What answers SSH inside; its address is shown instead. */
  readonly host?: SshHost | undefined;
  readonly networkInterface: FakeAttached;
  readonly disks: readonly FakeAttached[];
  tags: Readonly<Record<string, string>>;
  version: number;
  /** Shows once `readyMs` has come, instead of `Succeeded`. */
  failure?: ArmError;
  /** A change to it has failed: `Failed`, and it runs all the same. */
  changeFailed?: boolean;
  goneMs?: number;
  /** What creates it. */
  operationId?: string;
}

/** What was made with a VM. */
export interface FakeAttached {
  readonly name: string;
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly deleteWithVm: boolean;
}

/** A network interface or disk that no VM has. */
export interface FakeDangling extends FakeAttached {
  readonly kind: 'networkInterfaces' | 'disks';
  readonly createdMs: number;
  readonly location: string;
  readonly subnetId: string;
}

/** A long-running operation. */
export interface FakeOperation {
  readonly id: string;
  readonly startedMs: number;
  doneMs: number;
  error?: ArmError;
}

/** Everything that is in the region. States follow from the clock when somebody looks. */
export class FakeRegion {
  readonly options: FakeAzureOptions;
  readonly #vms = new Map<string, FakeVm>();
  readonly #dangling = new Map<string, FakeDangling>();
  readonly #operations = new Map<string, FakeOperation>();
  #made = 0;
  /** VMs that end leave their network interface and disks behind, whatever was asked for. */
  leaveBehind = false;
  /** New VMs are accepted, and fail with this when they were to be ready. */
  lateFailure?: ArmError;

  constructor(options: FakeAzureOptions) {
    this.options = options;
  }

  get nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  /** VMs that exist, oldest first. */
  vms(): readonly FakeVm[] {
    this.#sweep();
    return [...this.#vms.values()];
  }

  vm(name: string): FakeVm | undefined {
    this.#sweep();
    return this.#vms.get(name.toLowerCase());
  }

  add(vm: FakeVm): void {
    this.#vms.set(vm.name.toLowerCase(), vm);
  }

  dangling(kind: FakeDangling['kind']): readonly FakeDangling[] {
    this.#sweep();
    return [...this.#dangling.values()].filter((one) => one.kind === kind);
  }

  addDangling(one: FakeDangling): void {
    this.#dangling.set(danglingKey(one), one);
  }

  /** Whether there was one. */
  removeDangling(kind: FakeDangling['kind'], name: string): boolean {
    this.#sweep();
    return this.#dangling.delete(danglingKey({ kind, name }));
  }

  /** Ends what runs inside of VMs. */
  close(): void {
    for (const { host } of this.#vms.values()) host?.end();
  }

  /** A number that was not given before. */
  next(): number {
    this.#made += 1;
    return this.#made;
  }

  startOperation(takesMs: number, error?: ArmError): FakeOperation {
    const startedMs = this.nowMs;
    const id = `00000000-0000-0000-0000-${String(this.next()).padStart(12, '0')}`;
    const operation = { id, startedMs, doneMs: startedMs + takesMs, ...(error === undefined ? {} : { error }) };
    this.#operations.set(id, operation);
    return operation;
  }

  /** Ends operations that are under way on a VM: another one has come in between. */
  preempt(vm: FakeVm): void {
    const running = this.#operations.get(vm.operationId ?? '');
    if (running === undefined || running.doneMs <= this.nowMs) return;
    running.doneMs = this.nowMs;
    running.error = new ArmError(
      409,
      'OperationPreempted',
      'The operation has been preempted by a more recent operation.',
    );
  }

  operation(id: string): FakeOperation {
    const found = this.#operations.get(id);
    if (found === undefined) throw new ArmError(404, 'NotFound', `The operation ${id} was not found.`);
    return found;
  }

  provisioningState(vm: FakeVm): 'Creating' | 'Succeeded' | 'Failed' | 'Deleting' {
    if (vm.goneMs !== undefined) return 'Deleting';
    if (this.nowMs < vm.readyMs) return 'Creating';
    return vm.failure === undefined && vm.changeFailed !== true ? 'Succeeded' : 'Failed';
  }

  /** Cores of VMs that have or await some; `counts` says which VMs. */
  coresUsed(counts: (vm: FakeVm) => boolean): number {
    const taking = this.vms().filter((vm) => (vm.failure === undefined || this.nowMs < vm.readyMs) && counts(vm));
    return taking.reduce((sum, vm) => sum + (this.options.sizes[vm.size]?.vcpus ?? 0), 0);
  }

  #sweep(): void {
    for (const [key, vm] of this.#vms) {
      if (vm.goneMs === undefined || this.nowMs < vm.goneMs) continue;
      this.#vms.delete(key);
      this.#leave(vm, 'networkInterfaces', vm.networkInterface);
      for (const disk of vm.disks) this.#leave(vm, 'disks', disk);
    }
  }

  #leave(vm: FakeVm, kind: FakeDangling['kind'], attached: FakeAttached): void {
    if (attached.deleteWithVm && !this.leaveBehind) return;
    const { location } = this.options;
    this.addDangling({ ...attached, kind, createdMs: vm.createdMs, location, subnetId: '' });
  }
}

function danglingKey({ kind, name }: Pick<FakeDangling, 'kind' | 'name'>): string {
  return `${kind}/${name.toLowerCase()}`;
}
