import { once } from 'node:events';
import { SeededRandom } from '@drover/testkit';
import { expect, test } from 'vitest';
import { openSqliteQueue, type SqliteQueue } from '../src/index.ts';
import { killHard, startChild } from './child-queue.ts';
import { queueIn, temporaryFolder } from './temporary-queue.ts';

const options = { signal: new AbortController().signal };
const order = ['Queued', 'Locked', 'Running', 'Complete'];
/** What each acknowledged step promises: at least this state. */
const promised: Record<string, string> = {
  submitted: 'Queued',
  locked: 'Locked',
  started: 'Running',
  logged: 'Running',
  finished: 'Complete',
};

/** Lets a dispatcher work until it has acknowledged `lines` things, kills it, returns its words. */
async function workAndCrash(folder: string, mode: string, lines: number): Promise<string[]> {
  const child = startChild('crashing-dispatcher.ts', folder, mode);
  let output = '';
  try {
    for await (const data of child.stdout ?? []) {
      output += String(data);
      if (output.split('\n').length > lines) break;
    }
  } finally {
    await killHard(child);
  }
  return output.split('\n').slice(0, -1);
}

async function expectKept({ store }: SqliteQueue, words: readonly string[]): Promise<void> {
  for (const line of words) {
    const [step = '', uuid = '', size = '0'] = line.split(' ');
    if (step === 'epoch') continue;
    const record = await store.get(uuid, options);
    const log = await store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 1e6 }, options);
    const isThere = order.indexOf(record.state) >= order.indexOf(promised[step] ?? '?');
    expect({ line, isThere, isLogThere: log.length >= Number(size) }).toEqual({
      line,
      isThere: true,
      isLogThere: true,
    });
    expect(new Set(log).size).toBeLessThanOrEqual(1);
  }
}

test.each(['worker', 'inline'])(
  'everything acknowledged before a kill is there afterwards (%s)',
  { timeout: 60_000 },
  async (mode) => {
    const folder = temporaryFolder();
    const random = new SeededRandom(mode.length);
    const all: string[] = [];
    try {
      for (let crash = 0; crash < 4; crash += 1) {
        const words = await workAndCrash(folder.path, mode, 20 + random.integer(300));
        expect(words[0]).toBe(`epoch ${crash + 1}`);
        all.push(...words);
        const again = await openSqliteQueue(queueIn(folder.path));
        await expectKept(again, all);
        await again.close();
      }
      expect(all.filter((line) => line.startsWith('finished')).length).toBeGreaterThan(10);
    } finally {
      folder.remove();
    }
  },
);

test(
  'the lead of a process ends with it, however it ends; until then its name is told',
  { timeout: 30_000 },
  async () => {
    const folder = temporaryFolder();
    const child = startChild('leading-process.ts', folder.path);
    try {
      await once(child.stdout ?? child, 'data');
      const here = await openSqliteQueue(queueIn(folder.path));
      await expect(here.state.lead(options)).rejects.toMatchObject({
        code: 'QUEUE_IN_USE',
        message: expect.stringContaining(`process ${child.pid} on `),
      });
      await killHard(child);
      expect((await here.state.lead(options)).epoch).toBe(2);
      await here.close();
    } finally {
      await killHard(child);
      folder.remove();
    }
  },
);
