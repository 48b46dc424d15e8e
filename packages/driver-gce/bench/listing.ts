import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { InstanceSet } from '@drover/spec';
import { fakeGceDefaults } from '@drover/fake-clouds/gce';
import { SeededRandom } from '@drover/testkit';
import { atMost, type Figure } from '@drover/testkit/figure';
import { driver } from '../src/driver.ts';
import { gceParams } from '../src/params.ts';
import { benchType, instanceSetId, setTags } from './fleet.ts';
import { realClock } from '@drover/testkit/real-clock';

const instances = 5_000;
const mb = 1_000_000;

/**
 * A listing of 5,000 VMs, over a socket from a fake in a process of its own, after one that warms up. Memory is what the process has
 * grown by during the measured listing, its result included.
 */
export async function measureListing(): Promise<readonly Figure[]> {
  const program = join(import.meta.dirname, 'fake-fleet.ts');
  const fake = spawn(process.execPath, ['--conditions=@drover/source', program, String(instances)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line]: unknown[] = await once(fake.stdout.setEncoding('utf8'), 'data');
    const set = await openAt(String(line).trim());
    await list(set);
    globalThis.gc?.();
    const beforeBytes = process.memoryUsage().rss;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedMs = performance.now();

    const found = await list(set);
    const seconds = (performance.now() - startedMs) / 1_000;
    delay.disable();
    const grownMb = (process.memoryUsage().rss - beforeBytes) / mb;
    if (found !== instances) throw new Error(`the listing has ${found} of ${instances} VMs`);
    await set.close();
    return [
      atMost(2, `GCE: listing of ${instances} VMs`, seconds, 's'),
      atMost(50, 'GCE: longest that a listing blocks the loop', delay.max / 1e6, 'ms'),
      atMost(60, 'GCE: memory grown by a listing', Math.max(0, grownMb), 'MB'),
    ];
  } finally {
    fake.stdin.end();
    await once(fake, 'exit');
  }
}

async function list(set: InstanceSet): Promise<number> {
  return (await set.list(setTags, { signal: AbortSignal.timeout(60_000) })).instances.length;
}

function openAt(apiEndpoint: string): Promise<InstanceSet> {
  const { project, zones } = fakeGceDefaults;
  const params = gceParams.parse({ project, zones: [...zones], subnetwork: 'default', apiEndpoint });
  return driver.open(params, {
    clock: realClock,
    random: new SeededRandom(1),
    instanceSetId,
    tagKeyPrefix: 'Arvados',
    instanceTypes: [benchType],
    stateDirectory: '/nowhere',
  });
}
