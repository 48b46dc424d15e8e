import { InvalidRequestError } from '@drover/spec';
import { expect, test } from 'vitest';
import {
  call,
  createOne,
  errorOf,
  type GceWorld,
  inserts,
  instanceType,
  setTags,
  spotType,
  world,
} from './gce-world.ts';

const gib = 1_073_741_824;

/** What Google was told about the last VM. */
function inserted({ fake }: GceWorld): unknown {
  return fake.calls.findLast(({ id }) => id === 'compute.instances.insert')?.body;
}

test('what Google is told about a VM', async () => {
  const at = await world();
  const instance = await createOne(at.set, { initCommands: ['touch /ready'] });
  expect(instance).toMatchObject({
    lifecycle: 'running',
    zone: 'us-central1-a',
    address: expect.stringMatching(/^10\.128\./),
  });
  expect(inserted(at)).toMatchObject({
    name: instance.id.split('/')[1],
    machineType: 'zones/us-central1-a/machineTypes/n2-standard-4',
    labels: { x__arvados_instance_set_i_d: 'set-a', drover_set: expect.stringMatching(/^[0-9a-f]{32}$/) },
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: {
          sourceImage: 'projects/fake-project/global/images/worker',
          diskType: 'zones/us-central1-a/diskTypes/pd-balanced',
          diskSizeGb: '20',
        },
      },
    ],
    networkInterfaces: [{ subnetwork: 'projects/fake-project/regions/us-central1/subnetworks/default' }],
    scheduling: { automaticRestart: false },
    metadata: {
      items: expect.arrayContaining([
        { key: 'ssh-keys', value: expect.stringMatching(/^drover:ssh-ed25519 /) },
        { key: 'block-project-ssh-keys', value: 'TRUE' },
        { key: 'enable-oslogin', value: 'FALSE' },
        { key: 'enable-guest-attributes', value: 'TRUE' },
        { key: 'startup-script', value: expect.stringContaining('touch /ready') },
      ]),
    },
  });
  const body = JSON.stringify(inserted(at));
  for (const absent of ['accessConfigs', 'serviceAccounts', 'provisioningModel', 'onHostMaintenance'])
    expect(body).not.toContain(absent);
});

test('a spot VM, with everything that can be asked for', async () => {
  const params = {
    externalAddress: true,
    networkTags: ['ssh'],
    serviceAccount: { email: 'workers@fake-project.iam.gserviceaccount.com' },
    bootDisk: { sizeGib: 50, type: 'pd-ssd' },
    scratch: { kind: 'local-ssd' },
    metadata: { 'serial-port-enable': 'TRUE' },
    network: 'lab',
  };
  const at = await world({}, { params });
  const type = { ...spotType, addedScratchBytes: 400 * gib };
  const instance = await createOne(at.set, { instanceType: type });
  expect(instance.address).toMatch(/^34\./);
  const localSsd = {
    type: 'SCRATCH',
    interface: 'NVME',
    autoDelete: true,
    initializeParams: { diskType: 'zones/us-central1-a/diskTypes/local-ssd' },
  };
  expect(inserted(at)).toMatchObject({
    disks: [
      { initializeParams: { diskSizeGb: '50', diskType: 'zones/us-central1-a/diskTypes/pd-ssd' } },
      localSsd,
      localSsd,
    ],
    networkInterfaces: [
      { network: 'projects/fake-project/global/networks/lab', accessConfigs: [{ type: 'ONE_TO_ONE_NAT' }] },
    ],
    serviceAccounts: [
      { email: params.serviceAccount.email, scopes: ['https://www.googleapis.com/auth/cloud-platform'] },
    ],
    tags: { items: ['ssh'] },
    scheduling: {
      provisioningModel: 'SPOT',
      instanceTerminationAction: 'DELETE',
      automaticRestart: false,
      onHostMaintenance: 'TERMINATE',
    },
    metadata: { items: expect.arrayContaining([{ key: 'serial-port-enable', value: 'TRUE' }]) },
  });
});

test('scratch on a persistent disk is as large as asked, rounded up, and dies with the VM', async () => {
  const at = await world();
  await createOne(at.set, { instanceType: { ...instanceType, addedScratchBytes: 100.5 * gib } });
  expect(inserted(at)).toMatchObject({
    disks: [{}, { autoDelete: true, deviceName: 'scratch', initializeParams: { diskSizeGb: '101' } }],
  });
});

test('more local SSDs than a VM may have are refused before anybody is asked', async () => {
  const at = await world({}, { params: { scratch: { kind: 'local-ssd' } } });
  const error = await errorOf(
    createOne(at.set, { instanceType: { ...instanceType, addedScratchBytes: 25 * 375 * gib } }),
  );
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error).toMatchObject({ fix: expect.stringContaining('driver.scratch') });
  expect(inserts(at)).toBe(0);
});

test('metadata that is too large is refused before anybody is asked, and says what to shorten', async () => {
  const at = await world();
  const error = await errorOf(createOne(at.set, { initCommands: ['x'.repeat(300_000)] }));
  expect(error).toMatchObject({ code: 'CLOUD_INVALID_REQUEST', fix: expect.stringContaining('instanceInitCommand') });
  expect(inserts(at)).toBe(0);
});

test('a tag that no label can hold, and more of them than there are labels, come back as they were', async () => {
  const at = await world();
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`Key ${n}`, `ä ${n}`]));
  const tags = { ...setTags, ...many, long: 'x'.repeat(200), ['k'.repeat(100)]: 'y' };
  const instance = await createOne(at.set, { tags: [tags] });
  expect(instance.tags).toEqual(tags);
  expect((await at.set.list({ long: 'x'.repeat(200) }, call())).instances).toMatchObject([{ id: instance.id, tags }]);
});

test('without an image nothing is asked for, and the setting is named', async () => {
  const at = await world();
  expect(await errorOf(createOne(at.set, { imageId: '' }))).toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    fix: expect.stringContaining('imageId'),
  });
});
