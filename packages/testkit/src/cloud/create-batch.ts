import { CapacityError, type CreateRequest, type CreateResult, InvalidRequestError, QuotaError } from '@drover/spec';
import type { CloudFaults } from './cloud-faults.ts';
import type { FakeFleet } from './fake-fleet.ts';
import type { FakeVm } from './fake-vm.ts';
import type { FaultDice } from './fault-dice.ts';

/** One VM that a create asked for. */
type Outcome = FakeVm | Error;

interface PastCreate {
  readonly request: CreateRequest;
  readonly outcomes: readonly Outcome[];
}

/** What `CreateBatches` needs to decide. */
export interface CreateSurroundings {
  readonly fleet: FakeFleet;
  readonly faults: CloudFaults;
  readonly dice: FaultDice;
  readonly quotaGroup: (type: CreateRequest['instanceType']) => string;
}

/** Creates VMs once per `createId`, within quota and capacity. */
export class CreateBatches {
  readonly #past = new Map<string, PastCreate>();
  readonly #around: CreateSurroundings;

  constructor(surroundings: CreateSurroundings) {
    this.#around = surroundings;
  }

  /** As `InstanceSet.create`, at once. */
  create(request: CreateRequest): readonly CreateResult[] {
    const past = this.#past.get(request.createId);
    if (past !== undefined) {
      if (!sameRequest(past.request, request))
        throw new InvalidRequestError(`create ${request.createId} was made before, with other parameters`);
      return past.outcomes.map(toResult);
    }
    checkRequest(request);
    const outcomes: Outcome[] = [];
    for (let index = 0; index < request.count; index += 1) {
      const error = this.#refusal(request, index);
      if (error !== undefined && outcomes.every((outcome) => outcome instanceof Error)) throw error;
      outcomes.push(error ?? this.#around.fleet.launch(request, index));
    }
    this.#past.set(request.createId, { request, outcomes });
    return outcomes.map(toResult);
  }

  #refusal({ instanceType, offering }: CreateRequest, index: number): Error | undefined {
    const { fleet, faults, dice, quotaGroup } = this.#around;
    if (fleet.alive >= faults.quota) {
      dice.hit('quota');
      return new QuotaError(`quota of ${faults.quota} instances is used up`);
    }
    const out = faults.outOfCapacity;
    const scope =
      out.all === true
        ? 'all'
        : out.quotaGroups?.includes(quotaGroup(instanceType)) === true
          ? 'quota-group'
          : out.instanceTypes?.includes(instanceType.name) === true
            ? 'instance-type'
            : out.offerings?.includes(offering.id) === true
              ? 'offering'
              : undefined;
    if (scope !== undefined) {
      dice.hit(`capacity ${scope}`);
      return new CapacityError(`no capacity: ${scope} (${offering.id})`, { scope });
    }
    if (index > 0 && dice.strikes('partialBatch', faults.partialBatchRate))
      return new CapacityError(`no capacity left (${offering.id})`, { scope: 'offering' });
    return undefined;
  }
}

function sameRequest(a: CreateRequest, b: CreateRequest): boolean {
  return (
    a.count === b.count &&
    a.offering.id === b.offering.id &&
    a.instanceType.name === b.instanceType.name &&
    a.imageId === b.imageId
  );
}

function checkRequest({ count, tags, initCommands }: CreateRequest): void {
  if (!Number.isInteger(count) || count < 1) throw new InvalidRequestError(`cannot create ${count} instances`);
  if (tags.length !== count || initCommands.length !== count)
    throw new InvalidRequestError(`${count} instances need as many tags and init commands`);
}

function toResult(outcome: Outcome): CreateResult {
  return outcome instanceof Error ? { ok: false, error: outcome } : { ok: true, instance: outcome.instance };
}
