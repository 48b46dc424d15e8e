/** Serves a fake with as many running VMs as the argument says, spread over its zones, and prints its URL. Ends with its input. */
import { startFakeGce } from '@drover/fake-clouds/gce';
import { gceParams } from '../src/params.ts';
import { planInstance } from '../src/instance-resource.ts';
import { offeringsOf } from '../src/offerings.ts';
import { benchType, instanceSetId, setTags } from './fleet.ts';
import { realClock } from '@drover/testkit/real-clock';

const fake = await startFakeGce({ clock: realClock, insertMs: 0 });
const { project, zones } = fake.cloud.options;
const params = gceParams.parse({ project, zones: [...zones], subnetwork: 'default', apiEndpoint: fake.url });
const offerings = offeringsOf(benchType, zones);
const count = Number(process.argv[2]);
for (let n = 0; n < count; n += 1) {
  const offering = offerings[n % offerings.length];
  if (offering === undefined) throw new Error('no zone');
  const request = {
    createId: `create-${n}`,
    count: 1,
    instanceType: benchType,
    offering,
    imageId: 'worker',
    tags: [{ ...setTags, ArvadosInstanceSecret: n.toString(16).padStart(40, '0') }],
    initCommands: ['mkdir -p /var/run; (umask 0177; printf %s secret >/var/run/arvados-instance-secret)'],
    authorizedKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2U= drover',
  };
  fake.cloud.seed(planInstance(request, 0, { params, instanceSetId }).resource, offering.zone);
}
process.stdout.write(`${fake.url}\n`);
process.stdin.resume().once('end', () => void fake.close());
