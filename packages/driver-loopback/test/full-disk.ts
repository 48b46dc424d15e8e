import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CapacityError } from '@drover/spec';
import { createLoopbackDriver } from '../src/driver.ts';
import { loopbackParams } from '../src/params.ts';
import { context, requestOne } from './surroundings.ts';

// Program of a test: fills the small disk that is its argument, creates a VM on it, and prints what came of that.
const [, , disk = ''] = process.argv;
const set = await createLoopbackDriver().open(loopbackParams.parse({}), context({ stateDirectory: disk }));
try {
  writeFileSync(join(disk, 'filler'), Buffer.alloc(1_000_000));
} catch {
  // Full now, which was the aim.
}
const error: unknown = await set
  .create(requestOne(set, 'vm', 'ssh-ed25519 AAAA'), { signal: AbortSignal.timeout(10_000) })
  .catch((caught: unknown) => caught);
console.log(
  JSON.stringify({
    name: error instanceof Error ? error.name : 'none',
    scope: error instanceof CapacityError ? error.scope : undefined,
    entries: readdirSync(join(disk, 'loopback', 'set-a')),
  }),
);
