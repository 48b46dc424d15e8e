import type { FakeAccount, FakeSubnet } from './account.ts';
import { keyPair } from './key-pair.ts';
import { Ec2Fault } from './ec2-fault.ts';
import type { FakeFleet, FakeInstance } from './fleet.ts';
import { checkRun, checkTags, isSpotRequest, tagsFor } from './run-checks.ts';
import { numberIn, structuresIn, textIn, type Structure } from './values.ts';

/** RunInstances: checks as AWS does, idempotent by client token, as many of the wanted VMs as there is room for. */
export class RunInstances {
  readonly #account: FakeAccount;
  readonly #fleet: FakeFleet;
  readonly #byToken = new Map<string, { readonly request: string; readonly reservation: readonly FakeInstance[] }>();

  constructor(account: FakeAccount, fleet: FakeFleet) {
    this.#account = account;
    this.#fleet = fleet;
  }

  run(input: Structure): Structure {
    checkTags(input);
    const subnet = checkRun(this.#account, input);
    if (input['DryRun'] === true) throw dryRun();
    const token = textIn(input, 'ClientToken') ?? this.#fleet.newId('token');
    const request = JSON.stringify(input);
    const before = this.#byToken.get(token);
    if (before !== undefined && before.request !== request)
      throw new Ec2Fault(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    const reservation = before?.reservation ?? this.#launch(input, token, subnet);
    this.#byToken.set(token, { request, reservation });
    return {
      ReservationId: reservation[0]?.reservationId ?? '',
      OwnerId: '123456789012',
      Instances: reservation.map((instance) => this.#fleet.describe(instance)),
    };
  }

  #launch(input: Structure, token: string, subnet: FakeSubnet): readonly FakeInstance[] {
    const count = this.#room(input, subnet);
    const reservationId = this.#fleet.newId('r');
    return Array.from({ length: count }, (_, launchIndex) => {
      const instance = this.#newInstance(input, { token, subnet, reservationId, launchIndex });
      this.#fleet.add(instance);
      return instance;
    });
  }

  /** How many VMs there is room for, at least MinCount. */
  #room(input: Structure, subnet: FakeSubnet): number {
    const min = numberIn(input, 'MinCount') ?? 1;
    const type = textIn(input, 'InstanceType') ?? '';
    const isSpot = isSpotRequest(input);
    const vcpus = this.#account.types.get(type)?.vcpus ?? 1;
    const quota = isSpot ? this.#account.spotVcpuQuota : this.#account.vcpuQuota;
    const byQuota = Math.floor((quota - this.#fleet.vcpusInUse(isSpot)) / vcpus);
    if (byQuota < min)
      throw isSpot
        ? new Ec2Fault('MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded')
        : new Ec2Fault(
            'VcpuLimitExceeded',
            `You have requested more vCPU capacity than your current vCPU limit of ${quota} allows for the instance bucket that the specified instance type belongs to.`,
          );
    const key = `${type}/${subnet.id}`;
    const capacity = this.#account.capacity.get(key) ?? Number.POSITIVE_INFINITY;
    if (capacity < min)
      throw new Ec2Fault(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${subnet.zone}).`,
        500,
      );
    if (subnet.freeAddresses < min)
      throw new Ec2Fault(
        'InsufficientFreeAddressesInSubnet',
        `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
      );
    const count = Math.min(numberIn(input, 'MaxCount') ?? 1, byQuota, capacity, subnet.freeAddresses);
    subnet.freeAddresses -= count;
    if (this.#account.capacity.has(key)) this.#account.capacity.set(key, capacity - count);
    return count;
  }

  /** Lets in who has the private half of the launch's key pair. */
  #host(keyName: string): FakeInstance['host'] {
    const { startHost, keyPairs } = this.#account;
    const fingerprint = keyPairs.get(keyName)?.fingerprint;
    return startHost?.(
      (publicKey) => fingerprint !== undefined && keyPair(keyName, publicKey)?.fingerprint === fingerprint,
    );
  }

  #newInstance(
    input: Structure,
    place: {
      readonly token: string;
      readonly subnet: FakeSubnet;
      readonly reservationId: string;
      readonly launchIndex: number;
    },
  ): FakeInstance {
    const { clock, delays, launchesFail } = this.#account;
    const nowMs = clock.monotonicMs();
    const id = this.#fleet.newId('i');
    const number = this.#fleet.all.length + 1;
    const octets = `${Math.floor(number / 250)}.${(number % 250) + 1}`;
    const [networkInterface] = structuresIn(input, 'NetworkInterfaces');
    const endMs = nowMs + delays.bootMs;
    return {
      id,
      reservationId: place.reservationId,
      launchIndex: place.launchIndex,
      clientToken: place.token,
      type: textIn(input, 'InstanceType') ?? '',
      imageId: textIn(input, 'ImageId') ?? '',
      keyName: textIn(input, 'KeyName'),
      subnetId: place.subnet.id,
      zone: place.subnet.zone,
      spot: isSpotRequest(input),
      privateAddress: `10.0.${octets}`,
      publicAddress: networkInterface?.['AssociatePublicIpAddress'] === true ? `198.51.${octets}` : undefined,
      host: this.#host(textIn(input, 'KeyName') ?? ''),
      userData: Buffer.from(textIn(input, 'UserData') ?? '', 'base64').toString('utf8'),
      request: input,
      tags: tagsFor(input, 'instance'),
      launchedAtMs: nowMs,
      ending: launchesFail === undefined ? undefined : { fromMs: endMs, untilMs: endMs, reason: launchesFail },
      hidden: false,
    };
  }
}

/** What a dry run that would have worked answers. */
export function dryRun(): Ec2Fault {
  return new Ec2Fault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}
