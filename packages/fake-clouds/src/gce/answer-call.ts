import type { Cloud, CloudOperation } from './cloud.ts';
import { type CloudInstance, fingerprintOf, showInstance, statusAt } from './cloud-instance.ts';
import { checkLabels, checkMetadata } from './check-instance.ts';
import type { GceCall } from './discovery.ts';
import { checkInserter, grantedOf } from './permissions.ts';
import { notFound, Refusal } from './refusal.ts';
import { newInstanceSchema, setLabelsSchema, setMetadataSchema, testPermissionsSchema } from './resources.ts';

/** What an answer needs. */
export interface AnswerContext {
  readonly cloud: Cloud;
  /** Of the fake itself, for the links in answers. */
  readonly baseUrl: () => string;
}

type Answerer = (call: GceCall, context: AnswerContext) => unknown;

/** Longest that a wait holds its answer back. */
const maxWaitMs = 120_000;

const answerers: Readonly<Record<string, Answerer>> = {
  'compute.instances.insert': (call, context) => {
    const { cloud } = context;
    const asked = newInstanceSchema.parse(call.body);
    checkInserter(asked, cloud);
    return showOperation(cloud.insert(asked, zoneOf(call, cloud), call.parameter('requestId')), context);
  },
  'compute.instances.get': (call, context) => show(instanceOf(call, context.cloud), context),
  'compute.instances.list': listInstances,
  'compute.instances.delete': (call, context) => {
    const { cloud } = context;
    return showOperation(cloud.delete(zoneOf(call, cloud), call.parameter('instance')), context);
  },
  'compute.instances.setLabels': (call, context) => {
    const vm = instanceOf(call, context.cloud);
    const { labels, labelFingerprint } = setLabelsSchema.parse(call.body);
    checkFingerprint(labelFingerprint, vm.labels, 'Labels');
    checkLabels(labels);
    vm.labels = labels;
    return showOperation(context.cloud.changed('setLabels', vm), context);
  },
  'compute.instances.setMetadata': (call, context) => {
    const vm = instanceOf(call, context.cloud);
    const { items, fingerprint } = setMetadataSchema.parse(call.body);
    checkFingerprint(fingerprint, vm.metadata, 'Metadata');
    checkMetadata(items);
    vm.metadata = items;
    return showOperation(context.cloud.changed('setMetadata', vm), context);
  },
  'compute.instances.getGuestAttributes': guestAttributes,
  'compute.zoneOperations.wait': async (call, context) => {
    const { cloud } = context;
    const operation = cloud.operation(zoneOf(call, cloud), call.parameter('operation'));
    const { clock } = cloud.options;
    const untilMs = cloud.nowMs + maxWaitMs;
    while (!isDone(operation, cloud) && cloud.nowMs < untilMs)
      await clock.sleep(
        operation.hangs() ? cloud.options.pendingMs : Math.min(operation.doneAtMs, untilMs) - cloud.nowMs,
      );
    return showOperation(operation, context);
  },
  'compute.instances.testIamPermissions': testPermissions,
  'compute.subnetworks.testIamPermissions': testPermissions,
  'compute.projects.get': (_call, { cloud }) => ({ kind: 'compute#project', name: cloud.options.project, id: '1' }),
  'compute.regions.get': (call, { cloud }) => {
    const name = call.parameter('region');
    const { region, project } = cloud.options;
    if (name !== region) throw notFound(`projects/${project}/regions/${name}`);
    const limits = new Map([
      ['CPUS', 1_000],
      ['N2_CPUS', 1_000],
    ]);
    const { quota } = cloud.faults;
    if (quota !== undefined) limits.set(quota.metric, quota.limit);
    const usage = cloud.all().length;
    return {
      kind: 'compute#region',
      name,
      status: 'UP',
      quotas: Array.from(limits, ([metric, limit]) => ({ metric, limit, usage })),
    };
  },
  'compute.images.get': (call, context) => showImage(`global/images/${call.parameter('image')}`, call, context),
  'compute.images.getFromFamily': (call, context) =>
    showImage(`global/images/family/${call.parameter('family')}`, call, context),
  'compute.subnetworks.get': (call, { cloud }) => {
    const name = call.parameter('subnetwork');
    const { region, project, subnetworks } = cloud.options;
    if (call.parameter('region') !== region || !subnetworks.includes(name))
      throw notFound(`projects/${project}/regions/${call.parameter('region')}/subnetworks/${name}`);
    return { kind: 'compute#subnetwork', name, ipCidrRange: '10.128.0.0/20', privateIpGoogleAccess: true };
  },
  'compute.machineTypes.get': (call, { cloud }) => {
    const name = call.parameter('machineType');
    const zone = zoneOf(call, cloud);
    if (!cloud.options.machineTypes.includes(name))
      throw notFound(`projects/${cloud.options.project}/zones/${zone}/machineTypes/${name}`);
    return { kind: 'compute#machineType', name, zone, guestCpus: Number(name.split('-').at(-1)), memoryMb: 16_384 };
  },
};

/** Answers one call. @throws Refusal */
export async function answerCall(call: GceCall, context: AnswerContext): Promise<unknown> {
  const { project } = context.cloud.options;
  if (call.parameter('project') !== project && !call.id.startsWith('compute.images.'))
    throw notFound(`projects/${call.parameter('project')}`);
  return answerers[call.id]?.(call, context);
}

function listInstances(call: GceCall, { cloud, baseUrl }: AnswerContext): unknown {
  const zone = zoneOf(call, cloud);
  const { nowMs, faults } = cloud;
  const wanted = filterOf(call.parameter('filter'));
  const found = cloud
    .all()
    .filter((vm) => vm.zone === zone && wanted(vm) && nowMs >= vm.createdAtMs + faults.listLagMs)
    .toSorted((a, b) => (a.asked.name < b.asked.name ? -1 : 1));
  const after = call.parameter('pageToken');
  const asked = Number(call.parameter('maxResults') || 500);
  const rest = after === '' ? found : found.filter((vm) => vm.asked.name > after);
  const page = rest.slice(0, Math.min(asked, faults.pageItems));
  const last = page.at(-1);
  return {
    kind: 'compute#instanceList',
    id: `projects/${cloud.options.project}/zones/${zone}/instances`,
    items: page.map((vm) => showInstance(vm, nowMs, baseUrl(), cloud.options)),
    ...(page.length < rest.length && last !== undefined ? { nextPageToken: last.asked.name } : {}),
    ...(faults.listWarning === undefined
      ? {}
      : { warning: { code: faults.listWarning, message: 'Some resources are unreachable.' } }),
  };
}

/** `labels.KEY = "VALUE"`, the one form that the driver uses. */
function filterOf(filter: string): (vm: CloudInstance) => boolean {
  if (filter === '') return () => true;
  const [, key, value] = /^labels\.([a-z0-9_-]+) = "([a-z0-9_-]*)"$/.exec(filter) ?? [];
  if (key === undefined) throw new Refusal(400, 'invalid', `Invalid value for field 'filter': '${filter}'.`);
  return (vm) => vm.labels[key] === value;
}

/** As the guest environment of Google's images writes them once sshd has its keys. */
function guestAttributes(call: GceCall, { cloud }: AnswerContext): unknown {
  const vm = instanceOf(call, cloud);
  const queryPath = call.parameter('queryPath');
  const isPublished = statusAt(vm, cloud.nowMs) === 'RUNNING' && cloud.faults.hostKeysPublished;
  const allowed = vm.metadata.some((item) => item.key === 'enable-guest-attributes' && item.value === 'TRUE');
  if (!isPublished || !allowed || queryPath !== 'hostkeys/')
    throw notFound(
      `projects/${cloud.options.project}/zones/${vm.zone}/instances/${vm.asked.name}/guestAttributes/${queryPath}`,
    );
  const made = Buffer.from(`host key of ${vm.asked.name}`).toString('base64');
  const keys = vm.host === undefined ? [`ssh-ed25519 ${made}`, `ecdsa-sha2-nistp256 ${made}`] : [vm.host.hostKey];
  const items = keys.map((line) => {
    const [key, value] = line.split(' ');
    return { namespace: 'hostkeys', key, value };
  });
  return { kind: 'compute#guestAttributes', queryPath, queryValue: { items } };
}

function testPermissions(call: GceCall, { cloud }: AnswerContext): unknown {
  return { permissions: grantedOf(testPermissionsSchema.parse(call.body).permissions, cloud) };
}

function showImage(path: string, call: GceCall, { cloud }: AnswerContext): unknown {
  const full = `projects/${call.parameter('project')}/${path}`;
  if (!cloud.options.images.includes(full)) throw notFound(full);
  return { kind: 'compute#image', name: path.slice(path.lastIndexOf('/') + 1), status: 'READY', diskSizeGb: '10' };
}

function show(vm: CloudInstance, { cloud, baseUrl }: AnswerContext): unknown {
  return showInstance(vm, cloud.nowMs, baseUrl(), cloud.options);
}

function showOperation(operation: CloudOperation, { cloud, baseUrl }: AnswerContext): unknown {
  const { name, zone, operationType, target, number, runsAtMs, error } = operation;
  const { nowMs } = cloud;
  const at = `${baseUrl()}/compute/v1/projects/${cloud.options.project}/zones/${zone}`;
  const status = isDone(operation, cloud) ? 'DONE' : nowMs >= runsAtMs ? 'RUNNING' : 'PENDING';
  const hasFailed = status === 'DONE' && error !== undefined;
  return {
    kind: 'compute#operation',
    id: String(number),
    name,
    zone: at,
    operationType,
    targetLink: `${at}/instances/${target}`,
    status,
    progress: status === 'DONE' ? 100 : 0,
    selfLink: `${at}/operations/${name}`,
    ...(hasFailed
      ? {
          error: { errors: [{ code: error.code, message: error.message }] },
          httpErrorStatusCode: error.httpStatus ?? 503,
          httpErrorMessage: 'FAILED',
        }
      : {}),
  };
}

function isDone({ doneAtMs, hangs }: CloudOperation, { nowMs }: Cloud): boolean {
  return nowMs >= doneAtMs && !hangs();
}

function instanceOf(call: GceCall, cloud: Cloud): CloudInstance {
  return cloud.get(zoneOf(call, cloud), call.parameter('instance'));
}

function zoneOf(call: GceCall, { options: { zones, project } }: Cloud): string {
  const zone = call.parameter('zone');
  if (!zones.includes(zone)) throw notFound(`projects/${project}/zones/${zone}`);
  return zone;
}

function checkFingerprint(given: string, current: unknown, what: string): void {
  if (given !== fingerprintOf(current))
    throw new Refusal(412, 'conditionNotMet', `${what} fingerprint either invalid or resource labels have changed`);
}
