import {
  type CloudHooks,
  FakeCloud,
  type HostHooks,
  type SeededRandom,
  type SimulatedClock,
  SimulatedHosts,
  type StrikeGate,
} from '@drover/testkit';
import { cloudFaultPlan } from './faults/cloud-fault-plan.ts';
import type { Range, Scenario } from './scenario.ts';
import { readWorkCommand } from './work-plan.ts';

/** The insides of the VMs, as a scenario wants them. */
export function makeHosts(
  scenario: Scenario,
  clock: SimulatedClock,
  random: SeededRandom,
  ports: { readonly hooks: HostHooks; readonly gate: StrikeGate },
): SimulatedHosts {
  const { faults, faultIntensity, sshLatencyMs } = scenario;
  return new SimulatedHosts({
    clock,
    random,
    hooks: ports.hooks,
    gate: ports.gate,
    latencyMs: drawFrom(random.fork('ssh latency'), sshLatencyMs)(),
    planRun: ({ container }) => {
      const { durationMs, exitCode, logBytes } = readWorkCommand(container.command);
      return { runTimeMs: durationMs, exitCode, stdout: 'x'.repeat(logBytes), termTimeMs: 50 };
    },
    faults: {
      lingerRate: faults.includes('lingering') ? 0.5 : 0,
      replyLostRate: faults.includes('reply-lost') ? 0.03 * faultIntensity : 0,
      exitStatusLostRate: faults.includes('exit-status-lost') ? 0.03 * faultIntensity : 0,
      agentCrashRate: faults.includes('runner-write-crash') ? 0.02 * faultIntensity : 0,
      channelResetRate: faults.includes('ssh-reset') ? 0.003 * faultIntensity : 0,
    },
  });
}

/** The cloud, as a scenario wants it, with two zones at different prices. */
export function makeCloud(
  scenario: Scenario,
  ports: {
    readonly clock: SimulatedClock;
    readonly random: SeededRandom;
    readonly gate: StrikeGate;
    readonly hooks: CloudHooks;
  },
): FakeCloud {
  const { clock, random, gate, hooks } = ports;
  const [bootMinMs, bootMaxMs] = scenario.bootMs;
  const [latencyMinMs, latencyMaxMs] = scenario.cloudLatencyMs;
  return new FakeCloud({
    clock,
    random,
    hooks,
    gate,
    faults: cloudFaultPlan(scenario),
    bootDelay: { minMs: bootMinMs, maxMs: bootMaxMs },
    latency: { minMs: latencyMinMs, maxMs: latencyMaxMs },
    publishesHostKeys: scenario.publishesHostKeys,
    zones: [
      { name: 'zone-a', priceFactor: 1 },
      { name: 'zone-b', priceFactor: 1.1 },
    ],
  });
}

/** Draws from a range anew with each call. */
export function drawFrom(random: SeededRandom, [min, max]: Range): () => number {
  return () => (max <= min ? min : min + random.next() * (max - min));
}
