import { SeededRandom, SimulatedClock, SimulatedHosts } from '@drover/testkit';
import { expect, it } from 'vitest';
import { ProcessConnections } from './process-connections.ts';

it('closes what a process had open when it ends, and what the step in which it dies opens after that', () => {
  const hosts = new SimulatedHosts({ clock: new SimulatedClock(), random: new SeededRandom(1) });
  const connections = new ProcessConnections();
  connections.add(hosts.executor());
  expect(hosts.openExecutors).toBe(1);
  connections.end();
  expect(hosts.openExecutors).toBe(0);
  connections.add(hosts.executor());
  expect(hosts.openExecutors).toBe(0);
});
