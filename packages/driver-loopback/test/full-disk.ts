import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CapacityError } from '@drover/spec';
import { SeededRandom } from '@drover/testkit';
import { createLoopbackDriver } from '../src/driver.ts';
import { localhostInstanceType } from '../src/localhost-instance-type.ts';
import { loopbackParams } from '../src/params.ts';

// Program of a test: fills the small disk that is its argument, creates a VM on it, and prints what came of that.
const [, , disk = ''] = process.argv;
const instanceType = localhostInstanceType();
const set = await createLoopbackDriver().open(loopbackParams.parse({}), {
  clock: {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    timer: () => () => undefined,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  random: new SeededRandom(1),
  instanceSetId: 'set-a',
  tagKeyPrefix: '',
  instanceTypes: [instanceType],
  stateDirectory: disk,
});
try {
  writeFileSync(join(disk, 'filler'), Buffer.alloc(1_000_000));
} catch {
  // Full now, which was the aim.
}
const [offering] = set.offerings(instanceType);
if (offering === undefined) throw new Error('no offering');
const error: unknown = await set
  .create(
    {
      createId: 'vm',
      count: 1,
      instanceType,
      offering,
      imageId: '',
      tags: [{}],
      initCommands: [''],
      authorizedKey: 'ssh-ed25519 AAAA',
    },
    { signal: AbortSignal.timeout(10_000) },
  )
  .catch((caught: unknown) => caught);
console.log(
  JSON.stringify({
    name: error instanceof Error ? error.name : 'none',
    scope: error instanceof CapacityError ? error.scope : undefined,
    entries: readdirSync(join(disk, 'loopback', 'set-a')),
  }),
);
