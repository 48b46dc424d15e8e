import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@drover/spec';
import { SeededRandom } from '@drover/testkit';
import { expect, test } from 'vitest';
import { createLoopbackDriver } from '../src/driver.ts';
import { loopbackTimes } from '../src/loopback-options.ts';
import { loopbackParams } from '../src/params.ts';
import { parseLeader } from '../src/process-identity.ts';
import { call, createVm, newWorld, until } from './loopback-world.ts';
import { context, setTags } from './surroundings.ts';
import { realClock } from '@drover/testkit/real-clock';

test('a VM that died shows as terminated for a while, and then its folder goes by itself', async () => {
  const world = newWorld();
  let aheadMs = 0;
  const clock: Clock = { ...realClock, monotonicMs: () => performance.now() + aheadMs };
  const set = await createLoopbackDriver().open(
    loopbackParams.parse({}),
    context({ clock, random: new SeededRandom(1), stateDirectory: world.stateDirectory }),
  );
  const { id } = await createVm(set, 'vm');
  const leader = parseLeader(readFileSync(join(world.folder(id), 'leader'), 'utf8'));
  process.kill(leader?.pid ?? 0, 'SIGKILL');
  const lifecycles = async (): Promise<readonly string[]> =>
    (await set.list(setTags, call())).instances.map((instance) => instance.lifecycle);
  await until('it is dead', async () => ((await lifecycles())[0] === 'terminated' ? true : undefined));
  aheadMs = loopbackTimes.terminatedVisibleMs - 1_000;
  expect(await lifecycles()).toEqual(['terminated']);
  aheadMs = loopbackTimes.terminatedVisibleMs + 1_000;
  expect(await lifecycles()).toEqual([]);
  expect(await set.describe(id, call())).toBe('gone');
  expect(world.entries()).toEqual([]);
});
