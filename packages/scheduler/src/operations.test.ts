import { settle, SimulatedClock } from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { Operations } from './operations.ts';

function make(maxRunning = 10) {
  const clock = new SimulatedClock();
  const freed: number[] = [];
  const onFree = (): void => void freed.push(clock.monotonicMs());
  return { clock, freed, operations: new Operations({ clock, maxRunning, retryMs: 250, maxRetryMs: 1000, onFree }) };
}

const never = (): Promise<void> => new Promise(() => undefined);
const fail = (): Promise<void> => Promise.reject(new Error('no'));
const ignore = (): void => undefined;

describe('Operations', () => {
  it('runs at most one per container', async () => {
    const { operations } = make();
    expect(operations.run('a', never, ignore)).toBe(true);
    expect(operations.run('a', never, ignore)).toBe(false);
    expect(operations.run('b', () => Promise.resolve(), ignore)).toBe(true);
    await settle();
    expect([...operations.busy()]).toEqual(['a']);
  });

  it('runs no more than its bound in all', () => {
    const { operations } = make(2);
    const begun = ['a', 'b', 'c'].map((uuid) => operations.run(uuid, never, ignore));
    expect(begun).toEqual([true, true, false]);
  });

  it('pauses longer after each failure in a row, up to a bound, and forgets them at a success', async () => {
    const { clock, freed, operations } = make();
    for (let i = 0; i < 5; i += 1) {
      operations.run('a', fail, ignore);
      await settle();
      expect(operations.isBusy('a')).toBe(true);
      await clock.advance(clock.nextAtMs() === undefined ? 0 : (clock.nextAtMs() ?? 0) - clock.monotonicMs());
    }
    // Each failure frees twice: when it ends and when the pause does.
    expect(freed.filter((_atMs, index) => index % 2 === 1)).toEqual([250, 750, 1750, 2750, 3750]);
    operations.run('a', () => Promise.resolve(), ignore);
    await settle();
    operations.run('a', fail, ignore);
    await settle();
    await clock.advance(250);
    expect(operations.isBusy('a')).toBe(false);
  });

  it('waits for what is under way when closed, and takes nothing more', async () => {
    const { operations } = make();
    const work = Promise.withResolvers<void>();
    operations.run('a', () => work.promise, ignore);
    let closed = false;
    const closing = operations.close().then(() => (closed = true));
    await settle();
    expect(closed).toBe(false);
    expect(operations.run('b', never, ignore)).toBe(false);
    work.resolve();
    await closing;
    expect(closed).toBe(true);
  });
});
