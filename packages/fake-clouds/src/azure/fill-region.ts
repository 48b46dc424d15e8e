import type { Json } from './json.ts';
import type { FakeAttached, FakeRegion } from './region.ts';

/** Puts VMs there that have been running for a while, as big in a listing as those that are created. */
export function fillRegion(region: FakeRegion, count: number, tags: Readonly<Record<string, string>>): void {
  const { subscriptionId, resourceGroups, location, bootMs, listLagMs } = region.options;
  const prefix = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroups[0] ?? ''}/providers`;
  for (let n = 0; n < count; n += 1) {
    const name = `filled-${String(n).padStart(6, '0')}`;
    const attached = (kind: string, part: string): FakeAttached => ({
      name: `${name}-${part}`,
      id: `${prefix}/${kind}/${name}-${part}`,
      tags,
      deleteWithVm: true,
    });
    const createdMs = region.nowMs - bootMs - listLagMs;
    region.add({
      name,
      id: `${prefix}/Microsoft.Compute/virtualMachines/${name}`,
      body: bodyOf(name, location),
      createdMs,
      readyMs: createdMs + bootMs,
      size: 'Standard_D2s_v3',
      spot: false,
      address: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
      networkInterface: attached('Microsoft.Network/networkInterfaces', 'nic'),
      disks: [attached('Microsoft.Compute/disks', 'os')],
      tags,
      version: 1,
    });
  }
}

function bodyOf(name: string, location: string): Json {
  return {
    location,
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v3' },
      storageProfile: {
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
        osDisk: {
          name: `${name}-os`,
          createOption: 'FromImage',
          deleteOption: 'Delete',
          osType: 'Linux',
          diskSizeGB: 30,
        },
        dataDisks: [],
      },
      osProfile: {
        computerName: name,
        adminUsername: 'drover',
        linuxConfiguration: {
          disablePasswordAuthentication: true,
          ssh: {
            publicKeys: [{ path: '/home/drover/.ssh/authorized_keys', keyData: `ssh-ed25519 ${'A'.repeat(68)}` }],
          },
        },
      },
    },
  };
}
