import { Ec2Fault } from './ec2-fault.ts';
import { filtered, pageOf } from './filters.ts';
import type { FakeFleet, FakeInstance } from './fleet.ts';
import { pairsIn } from './run-checks.ts';
import { numberIn, textIn, textsIn, type Structure } from './values.ts';

/** DescribeInstances: by id or by filters, in pages. */
export function describeInstances(fleet: FakeFleet, input: Structure): Structure {
  const ids = textsIn(input, 'InstanceIds');
  if (ids.length > 0 && numberIn(input, 'MaxResults') !== undefined)
    throw new Ec2Fault('InvalidParameterCombination', 'The parameter instancesSet cannot be used with maxResults');
  const shown = ids.length > 0 ? existing(fleet, ids) : fleet.all.filter((instance) => fleet.isListed(instance));
  const { items, nextToken } = pageOf(
    input,
    filtered(input, shown, (instance, name) => filterValues(fleet, instance, name)),
  );
  const reservations = Map.groupBy(items, (instance) => instance.reservationId);
  return {
    Reservations: Array.from(reservations, ([ReservationId, instances]) => ({
      ReservationId,
      OwnerId: '123456789012',
      Instances: instances.map((instance) => fleet.describe(instance)),
    })),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

/** TerminateInstances: all of them or none. */
export function terminateInstances(fleet: FakeFleet, input: Structure): Structure {
  const instances = existing(fleet, textsIn(input, 'InstanceIds'));
  return {
    TerminatingInstances: instances.map((instance) => {
      const before = fleet.stateOf(instance);
      fleet.end(instance, { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown' });
      return { InstanceId: instance.id, PreviousState: before, CurrentState: fleet.stateOf(instance) };
    }),
  };
}

/** CreateTags on VMs: merges. */
export function createTags(fleet: FakeFleet, input: Structure): Structure {
  for (const instance of existing(fleet, textsIn(input, 'Resources')))
    for (const [key, value] of pairsIn(input)) instance.tags.set(key, value);
  return {};
}

/** GetConsoleOutput: the host keys appear some time after boot, in the block that cloud-init prints. */
export function consoleOutput(fleet: FakeFleet, input: Structure, isThere: (i: FakeInstance) => boolean): Structure {
  const [instance] = existing(fleet, [textIn(input, 'InstanceId') ?? '']);
  if (instance === undefined || !isThere(instance)) return { InstanceId: textIn(input, 'InstanceId') };
  const key = instance.host?.hostKey ?? `ssh-ed25519 ${Buffer.from(`host key of ${instance.id}`).toString('base64')}`;
  const lines = [
    'Booting',
    '-----BEGIN SSH HOST KEY KEYS-----',
    `${key} root@host`,
    '-----END SSH HOST KEY KEYS-----',
    'login:',
  ];
  return { InstanceId: instance.id, Output: Buffer.from(lines.join('\r\n')).toString('base64') };
}

function existing(fleet: FakeFleet, ids: readonly string[]): readonly FakeInstance[] {
  for (const id of ids)
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new Ec2Fault('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  const found = ids.map((id) => fleet.get(id));
  const missing = ids.filter((_, index) => {
    const instance = found[index];
    return instance === undefined || !fleet.isKnown(instance);
  });
  if (missing.length > 0)
    throw new Ec2Fault('InvalidInstanceID.NotFound', `The instance ID '${missing.join(', ')}' does not exist`);
  return found.filter((instance) => instance !== undefined);
}

function filterValues(fleet: FakeFleet, instance: FakeInstance, name: string): readonly string[] | undefined {
  if (name.startsWith('tag:')) {
    const value = instance.tags.get(name.slice('tag:'.length));
    return value === undefined ? [] : [value];
  }
  if (name === 'client-token') return [instance.clientToken];
  if (name === 'instance-state-name') return [fleet.state(instance)];
  return name === 'subnet-id' ? [instance.subnetId] : undefined;
}
