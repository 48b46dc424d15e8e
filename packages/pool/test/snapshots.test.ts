import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

describe('snapshots', () => {
  test('are the same object while nothing changes, and unchanged workers keep theirs', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const a = await world.bootOne();
    const b = await world.bootOne();
    const before = pool.snapshot();
    expect(pool.snapshot()).toBe(before);
    await world.advance(25_000);
    expect(pool.snapshot(), 'probes alone change nothing').toBe(before);
    world.startOn(a, container('a'));
    const after = pool.snapshot();
    expect(after).not.toBe(before);
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.workers.find((w) => w.instanceId === b)).toBe(before.workers.find((w) => w.instanceId === b));
    expect(after.finished).toBe(before.finished);
  });

  test('change notices coalesce', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    let notices = 0;
    pool.onChange(() => {
      notices += 1;
    });
    for (const name of ['a', 'b', 'c']) world.startOn(id, container(name));
    await world.advance(0);
    expect(notices).toBeLessThanOrEqual(8);
    expect(notices).toBeGreaterThan(0);
  });
});
