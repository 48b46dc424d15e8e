import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { atMost, type Figure } from '@drover/testkit/figure';
import { spawnProgram } from './program.ts';
import { instanceSetId, openEc2 } from './region.ts';

const vms = 5_000;
const bytesPerMb = 1_000_000;
const listings = 5;

/** A listing of 5,000 VMs from a fake in a process of its own: how long, how long the event loop is blocked, how much memory. */
export async function listing(): Promise<readonly Figure[]> {
  const program = await spawnProgram('region-program.ts', [String(vms)]);
  const set = await openEc2(program.line);
  const tags = { ArvadosInstanceSetID: instanceSetId };
  const list = async (): Promise<number> =>
    (await set.list(tags, { signal: AbortSignal.timeout(60_000) })).instances.length;
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('the engine has no gc');
  await set.describe('i-00000000000000001', { signal: AbortSignal.timeout(60_000) });
  Reflect.apply(collect, undefined, []);
  const before = process.memoryUsage().rss;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const secondsEach: number[] = [];
  delay.enable();
  for (let run = 0; run < listings; run += 1) {
    const started = performance.now();
    const found = await list();
    secondsEach.push((performance.now() - started) / 1_000);
    if (found !== vms) throw new Error(`the listing has ${found} of ${vms} VMs`);
  }
  delay.disable();
  const grownMb = (process.memoryUsage().rss - before) / bytesPerMb;
  await set.close();
  program.close();
  return [
    atMost(2, `EC2, listing ${vms} VMs, the slowest of ${listings}`, Math.max(...secondsEach), 's'),
    atMost(50, `EC2, event loop blocked while listing ${vms} VMs`, delay.max / 1e6, 'ms'),
    atMost(60, `EC2, memory grown by ${listings} listings of ${vms} VMs`, grownMb, 'MB'),
  ];
}
