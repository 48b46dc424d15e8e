import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerFile, DroverClient } from '@drover/management-api/client';
import { SeededRandom } from '@drover/testkit';
import { expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { allFinal, finalTransitions, textOf } from './queries.ts';
import { World } from './world.ts';

const containers = 200;
const kills = 10;
const seed = Number(process.env['DROVER_SEED'] ?? 1);

/** Submits in batches under keys of their own; a batch whose answer was lost is sent again to the next dispatcher. */
class Submitter {
  readonly uuids: string[] = [];
  readonly #batches: readonly (readonly ContainerFile[])[];
  #next = 0;

  constructor(batches: readonly (readonly ContainerFile[])[]) {
    this.#batches = batches;
  }

  async submitOne(client: DroverClient): Promise<void> {
    const batch = this.#batches[this.#next];
    if (batch === undefined) return;
    this.uuids.push(...(await client.submit(batch, { idempotencyKey: `batch-${this.#next}` })));
    this.#next += 1;
  }

  async submitRest(client: DroverClient): Promise<void> {
    while (this.#next < this.#batches.length) await this.submitOne(client);
  }
}

test(
  `a dispatcher killed ${kills} times while ${containers} containers run loses nothing and runs nothing twice`,
  { timeout: 90_000 },
  async (context) => {
    const world = new World(context);
    const ledger = new Ledger(world.folder('ledger'));
    const random = new SeededRandom(seed);
    // Most of them at once, so that every kill meets many at work.
    const batches = Array.from({ length: kills }, (_, batch) =>
      Array.from({ length: batch === 0 ? 110 : 10 }, () => ledger.container(1 + 6 * random.next())),
    );
    let atWork = 0;
    const submitter = new Submitter(batches);
    for (let kill = 0; kill < kills; kill += 1) {
      const launched = world.launch();
      // One in four dies while it starts, the others at work.
      if (kill > 0 && random.next() < 0.25) await sleep(1000 * random.next());
      else {
        const { client } = await world.started(launched);
        const submitted = submitter.submitOne(client).catch(() => undefined);
        // One in three dies within the first milliseconds of a submission.
        await sleep(random.next() < 0.33 ? 20 * random.next() : 1200 * random.next());
        await launched.kill();
        await submitted;
      }
      await launched.kill();
      atWork += submitter.uuids.filter((uuid) => ledger.kinds(uuid).length === 1).length;
    }
    expect(atWork).toBeGreaterThan(containers);
    const last = await world.start();
    await submitter.submitRest(last.client);
    const { uuids } = submitter;
    expect(new Set(uuids).size).toBe(containers);
    await allFinal(last.client, uuids, 40_000);
    for (const uuid of uuids) {
      const record = await last.client.get(uuid);
      expect(record).toMatchObject({ state: 'Complete', result: { exitCode: 0, unknown: false } });
      // No attempt that was really started was given up, and only one was.
      expect(record.attempts.filter((attempt) => attempt.startedAtMs !== undefined)).toHaveLength(1);
      expect(ledger.lines(uuid)).toEqual([
        { kind: 'start', generation: record.generation },
        { kind: 'end', generation: record.generation },
      ]);
      expect(await finalTransitions(last.client, uuid)).toBe(1);
      expect(await textOf(last.client, uuid)).toBe(`ran as ${uuid}\n`);
    }
    expect((await last.client.list({ limit: 1000 })).items).toHaveLength(containers);

    expect(await last.stop({ drain: true })).toBe(0);
    expect(world.processes()).toEqual([]);
    expect(world.vmFolders()).toEqual([]);
  },
);
