import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { final, running } from './queries.ts';
import { untilTrue } from './until.ts';
import { World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

test.concurrent('a command that ignores SIGTERM is killed when it is cancelled', async (context) => {
  const world = new World(context, { pool: { killGrace: '1s' } });
  const dispatcher = await world.start();
  const seen = join(world.root, 'signals');
  // The shell stays and so does what it starts: a killed sleep is followed by another.
  const stubborn = `trap 'echo TERM >>${seen}' TERM; echo ready >>${seen}; while :; do sleep 0.1; done`;
  const [uuid = ''] = await dispatcher.client.submit([{ command: ['sh', '-c', stubborn], resources: { vcpus: 1 } }]);
  await running(dispatcher.client, uuid);
  await untilTrue('it ignores signals', () => existsSync(seen));
  await dispatcher.client.cancel(uuid, 'no longer needed');
  const record = await final(dispatcher.client, uuid);
  expect(record).toMatchObject({ state: 'Cancelled', result: { killed: true, signal: 'SIGKILL' } });
  expect(record.cancelReason).toContain('no longer needed');
  const lines = readFileSync(seen, 'utf8').trimEnd().split('\n');
  expect(lines[0]).toBe('ready');
  expect(lines).toContain('TERM');
  expect(world.processes().filter(({ command }) => command.includes(seen))).toEqual([]);
  expect(await dispatcher.stop({ drain: true })).toBe(0);
  expect(world.processes()).toEqual([]);
});

/** Ways to get away from a parent. The daemon's arguments name a file of the world, by which it is found. */
const escapes = {
  'in a session of its own': 'setsid sh -c "$daemon" &',
  'forked twice, with nothing open': '(setsid sh -c "$daemon" <&- >&- 2>&- &)',
  'without its environment': 'setsid env -i PATH="$PATH" sh -c "$daemon" &',
} as const;

test.concurrent.for(Object.entries(escapes))('a daemon %s ends with its container', async ([, escape], context) => {
  const world = new World(context);
  const dispatcher = await world.start();
  const pids = join(world.root, 'pids');
  const daemon = `echo started >>${pids}; cd ${world.root}; while :; do sleep 0.5; done`;
  const script = `daemon='${daemon}'\n${escape}\nwhile ! test -s ${pids}; do sleep 0.02; done; exit 4`;
  const [uuid = ''] = await dispatcher.client.submit([{ command: ['sh', '-c', script], resources: { vcpus: 1 } }]);
  expect(await final(dispatcher.client, uuid)).toMatchObject({ state: 'Complete', result: { exitCode: 4 } });
  expect(world.processes().filter(({ command }) => command.includes(pids))).toEqual([]);
  expect(await dispatcher.stop({ drain: true })).toBe(0);
  expect(world.processes()).toEqual([]);
});
