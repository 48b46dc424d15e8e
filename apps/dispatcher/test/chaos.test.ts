import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@drover/testkit';
import { expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { signal } from './processes.ts';
import { allFinal, finalTransitions } from './queries.ts';
import { allOf } from './vm-processes.ts';
import { World } from './world.ts';

const containers = 40;
const blows = 15;
const seed = Number(process.env['DROVER_SEED'] ?? 1);
const victims = ['dispatcher', 'server', 'agent', 'spawner', 'shim', 'shim'] as const;

test(
  `${containers} containers all complete, never two executions of one at a time, whatever is killed`,
  { timeout: 90_000 },
  async (context) => {
    const world = new World(context, {
      driver: { name: 'loopback', maxInstances: 3 },
      scheduling: { maxContainersPerInstance: 10, infrastructureAttempts: 20 },
    });
    const ledger = new Ledger(world.folder('ledger'));
    const random = new SeededRandom(seed);
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random.next() * from.length)];
    let dispatcher = await world.start();
    const uuids = await dispatcher.client.submit(
      Array.from({ length: containers }, () => ledger.container(0.2 + 2 * random.next())),
    );
    for (let blow = 0; blow < blows; blow += 1) {
      await sleep(700 * random.next());
      const role = pick(victims) ?? 'dispatcher';
      if (role === 'dispatcher') {
        await dispatcher.kill();
        dispatcher = await world.start();
      } else {
        const victim = pick(allOf(world, role));
        if (victim !== undefined) signal(victim.pid);
      }
    }
    await allFinal(dispatcher.client, uuids, 45_000);
    for (const uuid of uuids) {
      expect(await dispatcher.client.get(uuid)).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
      expect(await finalTransitions(dispatcher.client, uuid)).toBe(1);
      // An execution whose VM died before its result was fetched happens again, and only then.
      const kinds = ledger.kinds(uuid);
      expect(kinds).not.toContain('overlap');
      expect(kinds.at(-1)).toBe('end');
    }
    expect(await dispatcher.stop({ drain: true })).toBe(0);
    expect(world.processes()).toEqual([]);
    expect(world.vmFolders()).toEqual([]);
  },
);
