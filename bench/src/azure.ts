import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createAzureDriver } from '@drover/driver-azure';
import type { InstanceSet } from '@drover/spec';
import { atMost, type Figure, quantile } from '@drover/testkit/figure';
import { build } from 'esbuild';
import { openAzure } from './azure-set.ts';
import type { FakeAddress } from './azure-fake-child.ts';

const conditions = '--conditions=@drover/source';
const vms = 5_000;
/** Medians of so many: other processes of the machine stall single ones. */
const runs = 5;

/** What the Azure driver costs: to start, and to list a large fleet. */
export async function azure(): Promise<readonly Figure[]> {
  return [await azureStart(), ...(await azureList())];
}

/** From nothing to a client that could send its first request: bundled, and the code compiled before, as users run it. */
async function azureStart(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-azure-'));
  try {
    await bundle(folder);
    const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') };
    const times: number[] = [];
    for (let run = 0; run <= runs; run += 1) {
      const child = spawnSync(process.execPath, [join(folder, 'azure-start-child.js')], { env, encoding: 'utf8' });
      if (child.status !== 0) throw new Error(`the Azure driver did not start: ${child.stderr}`);
      // The first start fills the cache.
      if (run > 0) times.push(Number(child.stdout));
    }
    return atMost(700, 'Azure driver: import and first client, bundled', quantile(times, 0.5), 'ms');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As the command is bundled for users. */
async function bundle(folder: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  await build({
    entryPoints: [fileURLToPath(new URL('azure-start-child.ts', import.meta.url))],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@drover/source'],
    minifySyntax: true,
    minifyWhitespace: true,
    external: ['*.node'],
    banner: {
      js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
    },
    logLevel: 'error',
  });
}

/** Listing a fleet, its network interfaces too, from a fake in a process of its own. */
async function azureList(): Promise<readonly Figure[]> {
  const fake = fork(fileURLToPath(new URL('azure-fake-child.ts', import.meta.url)), [String(vms)], {
    execArgv: [conditions],
  });
  try {
    const set = await openAzure(createAzureDriver, await addressOf(fake));
    // The first one connects, and compiles the code.
    await measured(set);
    const measurements: Listing[] = [];
    for (let run = 0; run < runs; run += 1) measurements.push(await measured(set));
    await set.close();
    const median = (of: (listing: Listing) => number): number => quantile(measurements.map(of), 0.5);
    return [
      atMost(
        2,
        `Azure driver: listing ${vms} VMs`,
        median(({ seconds }) => seconds),
        's',
      ),
      atMost(
        50,
        'Azure driver: longest stall of the event loop meanwhile',
        median(({ stallMs }) => stallMs),
        'ms',
      ),
      atMost(
        60,
        'Azure driver: growth of resident memory meanwhile',
        median(({ growthMb }) => growthMb),
        'MB',
      ),
    ];
  } finally {
    fake.kill();
  }
}

/** What one listing took. */
interface Listing {
  readonly seconds: number;
  readonly stallMs: number;
  readonly growthMb: number;
}

async function measured(set: InstanceSet): Promise<Listing> {
  const beforeBytes = process.memoryUsage.rss();
  let peakBytes = beforeBytes;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 5);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const started = performance.now();
  const instances = await list(set);
  const seconds = (performance.now() - started) / 1_000;
  delays.disable();
  clearInterval(watch);
  if (instances !== vms) throw new Error(`the listing has ${instances} VMs, not ${vms}`);
  const growthMb = (Math.max(peakBytes, process.memoryUsage.rss()) - beforeBytes) / 2 ** 20;
  return { seconds, stallMs: delays.max / 1e6, growthMb };
}

async function list(set: InstanceSet): Promise<number> {
  const { instances } = await set.list({ set: 'bench' }, { signal: AbortSignal.timeout(60_000) });
  return instances.length;
}

function addressOf(fake: ChildProcess): Promise<FakeAddress> {
  return new Promise((resolve, reject) => {
    fake.once('message', (message: FakeAddress) => resolve(message));
    fake.once('exit', (code) => reject(new Error(`the fake ended with exit ${code}`)));
  });
}
