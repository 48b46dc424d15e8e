import * as z from 'zod';
import { type Check, result } from './check.ts';
import { regionOf } from './params.ts';

const subnetworkSchema = z.object({
  name: z.string(),
  ipCidrRange: z.string().nullish(),
  privateIpGoogleAccess: z.boolean().nullish(),
});

/** Four addresses of each range are Google's. */
const reservedAddresses = 4;

/** The subnetwork is there, large enough, and VMs without a public address get out of it. */
export const checkNetwork: Check = {
  subject: 'network',
  doing: 'see the subnetwork',
  setting: 'driver.subnetwork',
  look: async ({ params, sdk, options }) => {
    const { subnetwork, externalAddress, zones } = params;
    if (subnetwork === undefined)
      return [
        result(
          'network',
          'skipped',
          'No subnetwork is named: Google takes the one of the network in that region.',
          'driver.subnetwork',
        ),
      ];
    const region = regionOf(zones[0] ?? '');
    const [, hostProject, name] = /projects\/([^/]+)\/regions\/[^/]+\/subnetworks\/([^/]+)$/.exec(subnetwork) ?? [];
    const place = { project: hostProject ?? params.project, region, subnetwork: name ?? subnetwork };
    const [answer] = await sdk.subnetworks.get(place, options);
    const found = subnetworkSchema.parse(answer);
    const size = 2 ** (32 - Number(found.ipCidrRange?.split('/')[1] ?? 32)) - reservedAddresses;
    const results = [result('network', 'ok', `The subnetwork ${found.name} has room for ${Math.max(0, size)} VMs.`)];
    if (externalAddress || found.privateIpGoogleAccess === true) return results;
    const fix = `enable it (\`gcloud compute networks subnets update ${found.name} --region=${region} --enable-private-ip-google-access\`), or have Cloud NAT`;
    const message = `VMs in ${found.name} have no public address, and the subnetwork has no Private Google Access.`;
    return [...results, result('network', 'warning', message, 'driver.subnetwork', fix)];
  },
};
