import { systemClock } from '@drover/dispatcher';
import { FakeEc2 } from '@drover/fake-clouds/ec2';
import { imageId, instanceSetId, instanceType, openEc2 } from './region.ts';

// Serves a region with so many VMs until standard input ends; prints its URL.
const count = Number(process.argv[2]);
/** As the pool creates them by default. */
const batch = 20;
const fake = new FakeEc2({ clock: systemClock });
const url = await fake.listen();
const set = await openEc2(url);
const [offering] = set.offerings(instanceType);
if (offering === undefined) throw new Error('no offering');
for (let made = 0; made < count; made += batch) {
  const secrets = Array.from({ length: batch }, (_, index) => `${made + index}`.padStart(40, '0'));
  await set.create(
    {
      createId: `bench-${made}`,
      count: batch,
      instanceType,
      offering,
      imageId,
      tags: secrets.map((secret) => ({
        ArvadosInstanceSetID: instanceSetId,
        ArvadosInstanceType: instanceType.name,
        ArvadosIdleBehavior: 'run',
        ArvadosInstanceSecret: secret,
      })),
      initCommands: secrets.map((secret) => `echo ${secret}`),
      authorizedKey: '',
    },
    { signal: AbortSignal.timeout(60_000) },
  );
}
console.log(url);
process.stdin.resume().once('end', () => {
  void set.close();
  void fake.close();
});
