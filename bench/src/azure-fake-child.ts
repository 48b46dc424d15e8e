/** A fake of Azure in a process of its own, with as many VMs as the argument says; tells its parent where it is. */
import { FakeAzure } from '@drover/fake-clouds/azure';
import { realClock } from '@drover/testkit/real-clock';

/** Where the fake is. */
export interface FakeAddress {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

const token = 'token-of-the-benchmark';
const fake = await FakeAzure.start({
  clock: realClock,
  tokens: [token],
  pageSize: Number(process.argv[3] ?? 100),
  listLagMs: 0,
});
fake.fill(Number(process.argv[2]), { set: 'bench', InstanceSetID: 'bench' });
process.once('disconnect', () => process.exit());
process.send?.({ url: fake.url, ca: fake.ca, token } satisfies FakeAddress);
