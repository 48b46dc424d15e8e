import { type CloudInstance, statusAt } from './cloud-instance.ts';
import { checkNewInstance } from './check-instance.ts';
import {
  type FakeGceOptions,
  type GceFaults,
  type InsertFailure,
  noFaults,
  type OperationError,
} from './fake-options.ts';
import { notFound, Refusal } from './refusal.ts';
import { type NewInstance, newInstanceSchema } from './resources.ts';

/** Something that the fake does in its own time. */
export interface CloudOperation {
  readonly name: string;
  readonly zone: string;
  readonly operationType: string;
  readonly target: string;
  readonly number: number;
  readonly runsAtMs: number;
  readonly doneAtMs: number;
  readonly error: OperationError | undefined;
  /** Whether it goes on, whatever the time. */
  readonly hangs: () => boolean;
}

/** The state of the fake: instances and operations, moved on by the clock alone. */
export class Cloud {
  readonly options: FakeGceOptions;
  faults: GceFaults = noFaults();
  readonly #instances = new Map<string, CloudInstance>();
  readonly #operations = new Map<string, CloudOperation>();
  readonly #requests = new Map<string, CloudOperation>();
  #numbers = 0;

  constructor(options: FakeGceOptions) {
    this.options = options;
  }

  get nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  /** Every VM that is there, in all zones. */
  all(): readonly CloudInstance[] {
    return [...this.#instances.values()].filter((vm) => statusAt(vm, this.nowMs) !== 'gone');
  }

  /** @throws Refusal */
  get(zone: string, name: string): CloudInstance {
    const vm = this.#instances.get(`${zone}/${name}`);
    if (vm === undefined || statusAt(vm, this.nowMs) === 'gone')
      throw notFound(`projects/${this.options.project}/zones/${zone}/instances/${name}`);
    return vm;
  }

  /** @throws Refusal */
  operation(zone: string, name: string): CloudOperation {
    const operation = this.#operations.get(`${zone}/${name}`);
    if (operation === undefined) throw notFound(`projects/${this.options.project}/zones/${zone}/operations/${name}`);
    return operation;
  }

  /** Accepts a new VM, or repeats what it said to the same request before. @throws Refusal */
  insert(asked: NewInstance, zone: string, requestId: string): CloudOperation {
    const before = requestId === '' ? undefined : this.#requests.get(requestId);
    if (before !== undefined) return before;
    checkNewInstance(asked, zone, this.options);
    const key = `${zone}/${asked.name}`;
    const taken = this.#instances.get(key);
    if (taken !== undefined && statusAt(taken, this.nowMs) !== 'gone')
      throw new Refusal(
        409,
        'alreadyExists',
        `The resource 'projects/${this.options.project}/zones/${zone}/instances/${asked.name}' already exists`,
      );
    const error = this.#insertError(asked.name, zone);
    const operation = this.#begin('insert', zone, asked.name, this.options.insertMs, error);
    this.#instances.set(key, {
      asked,
      zone,
      number: operation.number,
      createdAtMs: this.nowMs,
      readyAtMs: error === undefined ? this.nowMs + this.options.insertMs : Number.POSITIVE_INFINITY,
      labels: asked.labels,
      metadata: asked.metadata.items ?? [],
      host: error === undefined ? this.#host(asked) : undefined,
      ending: error === undefined ? undefined : endingOf(error, operation),
    });
    if (requestId !== '') this.#requests.set(requestId, operation);
    return operation;
  }

  /** Puts a VM there that has been running for long; nothing is checked. */
  seed(asked: unknown, zone: string): void {
    const instance = newInstanceSchema.parse(asked);
    this.#numbers += 1;
    this.#instances.set(`${zone}/${instance.name}`, {
      asked: instance,
      zone,
      number: this.#numbers,
      createdAtMs: 0,
      readyAtMs: 0,
      labels: instance.labels,
      metadata: instance.metadata.items ?? [],
      ending: undefined,
    });
  }

  /** Request ids count for a while only; that while is over. */
  forgetRequests(): void {
    this.#requests.clear();
  }

  /** Begins to remove a VM. @throws Refusal */
  delete(zone: string, name: string): CloudOperation {
    const vm = this.get(zone, name);
    const atMs = this.nowMs + this.options.stopMs;
    vm.host?.end();
    const isLeaving = vm.ending?.into === 'gone' && vm.ending.atMs <= atMs;
    if (!isLeaving) vm.ending = { sinceMs: this.nowMs, atMs, into: 'gone' };
    return this.#begin('delete', zone, name, this.options.stopMs, undefined);
  }

  /** A change that takes effect at once, and whose operation ends a little later. */
  changed(operationType: string, vm: CloudInstance): CloudOperation {
    return this.#begin(operationType, vm.zone, vm.asked.name, this.options.pendingMs, undefined);
  }

  /** Takes a spot VM away, or ends a VM from inside: it stops, and is removed if it was made so. */
  stop(name: string): void {
    const vm = this.all().find(({ asked }) => asked.name === name);
    if (vm === undefined) throw new Error(`the fake has no instance ${name}`);
    const into = vm.asked.scheduling?.instanceTerminationAction === 'DELETE' ? 'gone' : 'TERMINATED';
    vm.host?.end();
    vm.ending = { sinceMs: this.nowMs, atMs: this.nowMs + this.options.stopMs, into };
  }

  /** Ends what runs inside of VMs. */
  close(): void {
    for (const { host } of this.#instances.values()) host?.end();
  }

  /** Lets in the keys of its metadata, as the guest environment does. */
  #host({ metadata }: NewInstance): CloudInstance['host'] {
    const lines = metadata.items?.find(({ key }) => key === 'ssh-keys')?.value.split('\n') ?? [];
    const keys = lines.map((line) =>
      line
        .replace(/^[^:]*:/, '')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    );
    return this.options.startHost?.((publicKey) => keys.includes(publicKey));
  }

  #insertError(name: string, zone: string): InsertFailure | undefined {
    const chosen = this.faults.insertFails(name, zone);
    if (chosen !== undefined) return chosen;
    const { quota, capacity } = this.faults;
    if (quota !== undefined && this.all().length >= quota.limit) {
      const message = `Quota '${quota.metric}' exceeded.  Limit: ${quota.limit}.0 in region ${this.options.region}.`;
      if (quota.refused === 'at-once') throw new Refusal(403, 'quotaExceeded', message);
      return { code: 'QUOTA_EXCEEDED', message, httpStatus: 403 };
    }
    const room = capacity.get(zone);
    if (room === undefined) return undefined;
    if (room <= 0)
      return {
        code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
        message: `The zone '${zone}' does not have enough resources available to fulfill the request.`,
      };
    capacity.set(zone, room - 1);
    return undefined;
  }

  #begin(
    operationType: string,
    zone: string,
    target: string,
    endsInMs: number,
    error: OperationError | undefined,
  ): CloudOperation {
    this.#numbers += 1;
    const number = this.#numbers;
    const { nowMs } = this;
    const runsAtMs = nowMs + Math.min(this.options.pendingMs, endsInMs);
    const name = `operation-${number}`;
    const mayHang = this.faults.operationsHang;
    const hangs = (): boolean => mayHang && this.faults.operationsHang;
    const operation = { name, zone, operationType, target, number, runsAtMs, doneAtMs: nowMs + endsInMs, error, hangs };
    this.#operations.set(`${zone}/${name}`, operation);
    return operation;
  }
}

/** A launch that fails is seen until its operation has ended. */
function endingOf({ leaves = false }: InsertFailure, operation: CloudOperation): CloudInstance['ending'] {
  const endsAt = (): number => (operation.hangs() ? Number.POSITIVE_INFINITY : operation.doneAtMs);
  return {
    sinceMs: operation.doneAtMs,
    get atMs() {
      return endsAt();
    },
    into: leaves ? 'TERMINATED' : 'gone',
  };
}
