import { readFileSync } from 'node:fs';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { openSocketChannel } from '../test/socket-channel.ts';
import { TestVm } from '../test/test-vm.ts';
import { atLeast, atMost, type Figure } from '@drover/testkit/figure';

/** How many runs are under way at once while throughput is measured: what a large VM packs. */
const atOnce = 64;
const throughputRuns = 2000;
const latencyRuns = 200;
/** As many containers as the largest VMs of a small fleet hold. */
const idleRuns = 60;

/**
 * The agent and its native helper on this machine: how soon a command runs, how many a second with durable results, and what they
 * cost in memory. The measuring process shares the cores with them. Takes about five seconds.
 */
export async function measureRunner(): Promise<readonly Figure[]> {
  const vm = await TestVm.start();
  try {
    const client = new RunnerClient(await openSocketChannel(vm.socketPath));
    await client.hello(1, 1);
    const idle = await measureMemory(vm, client);
    const latency = await measureLatency(client);
    const throughput = await measureThroughput(client);
    client.close();
    return [
      atMost(2.5, 'start request until the command (date) tells the time, median', latency, 'ms'),
      atLeast(800, 'short containers with durable results', throughput, '/s'),
      ...idle,
    ];
  } finally {
    await vm.dispose();
  }
}

/** Waits for the end of a run, acknowledges it and returns what it printed. */
async function acknowledge(client: RunnerClient, n: number): Promise<string> {
  const { uuid, generation, hash, logs } = await client.finished(testUuid(n));
  await client.ask({ type: 'ack', uuid, generation, hash });
  return Buffer.from(logs[0]?.base64 ?? '', 'base64').toString();
}

/** From the request on the socket until the command itself reads the clock: news of a start lingers, the start does not. */
async function measureLatency(client: RunnerClient): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < latencyRuns; n++) {
    client.events.length = 0;
    const beganMs = performance.timeOrigin + performance.now();
    await client.start(['/bin/date', '+%s%N'], { uuid: testUuid(n) });
    times.push(Number(await acknowledge(client, n)) / 1e6 - beganMs);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

async function measureThroughput(client: RunnerClient): Promise<number> {
  let next = latencyRuns;
  const last = latencyRuns + throughputRuns;
  client.events.length = 0;
  const began = performance.now();
  const lane = async (): Promise<void> => {
    while (next < last) {
      const n = next++;
      await client.start(['true'], { uuid: testUuid(n) });
      await acknowledge(client, n);
      if (client.events.length > 4 * atOnce) client.events.splice(0, 2 * atOnce);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (1000 * throughputRuns) / (performance.now() - began);
}

async function measureMemory(vm: TestVm, client: RunnerClient): Promise<readonly Figure[]> {
  const numbers = Array.from({ length: idleRuns }, (_, n) => 900_000 + n);
  await Promise.all(
    numbers.map(async (n) => {
      await client.start(['sleep', '600'], { uuid: testUuid(n) });
      await client.started(testUuid(n));
    }),
  );
  const agent = residentMegabytes(vm.agentPid()) + residentMegabytes(vm.spawnerPid());
  const shims = vm.shimPids().map(residentMegabytes);
  const perRun = shims.reduce((sum, each) => sum + each, 0) / shims.length;
  await Promise.all(
    numbers.map(async (n) => {
      await client.ask({ type: 'kill', uuid: testUuid(n), generation: 1 });
      await acknowledge(client, n);
    }),
  );
  return [
    atMost(70, `memory of agent and spawner with ${idleRuns} containers`, agent, 'MB'),
    atMost(1, 'memory per container beyond its command', perRun, 'MB'),
  ];
}

/** Resident set, shared pages included. */
function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
