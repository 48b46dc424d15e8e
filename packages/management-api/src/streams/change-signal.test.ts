import { settle, SimulatedClock } from '@drover/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { ChangeSignal } from './change-signal.ts';

let clock: SimulatedClock;
let change: () => void;
let subscriptions: number;
let signal: ChangeSignal;
const never = new AbortController().signal;

beforeEach(() => {
  clock = new SimulatedClock();
  change = () => undefined;
  subscriptions = 0;
  const onStoreChange = (listener: () => void): (() => void) => {
    subscriptions += 1;
    change = listener;
    return () => {
      subscriptions -= 1;
    };
  };
  signal = new ChangeSignal({ clock, onStoreChange, pollMs: 500 });
});

/** Tells whether a wait has ended. */
async function waiting(version: number, ms = 60_000, abort = never): Promise<() => Promise<boolean>> {
  let over = false;
  void (async () => {
    await signal.wait(version, ms, abort);
    over = true;
  })();
  await settle();
  return async () => {
    await settle();
    return over;
  };
}

describe('ChangeSignal', () => {
  it('wakes everybody at a change', async () => {
    const version = signal.version();
    const [first, second] = [await waiting(version), await waiting(version)];
    expect([await first(), await second()]).toEqual([false, false]);
    change();
    expect([await first(), await second(), subscriptions]).toEqual([true, true, 1]);
  });

  it('does not lose a change between the look and the wait', async () => {
    const version = signal.version();
    change();
    expect(await (await waiting(version))()).toBe(true);
  });

  it('wakes a burst of changes once more, not once each', async () => {
    change = () => undefined;
    const before = signal.version();
    change();
    const after = signal.version();
    for (let i = 0; i < 100; i += 1) change();
    const over = await waiting(after);
    expect([before + 1, await over()]).toEqual([after, false]);
    await clock.advance(20);
    expect([await over(), signal.version()]).toEqual([true, after + 1]);
  });

  it('wakes without any change, after the poll time or the time asked for', async () => {
    const polled = await waiting(signal.version());
    const asked = await waiting(signal.version(), 100);
    await clock.advance(100);
    expect([await polled(), await asked()]).toEqual([false, true]);
    await clock.advance(400);
    expect(await polled()).toBe(true);
  });

  it('stops waiting when told to, and listening when closed', async () => {
    const stop = new AbortController();
    const over = await waiting(signal.version(), 60_000, stop.signal);
    stop.abort();
    expect(await over()).toBe(true);
    signal.close();
    expect(subscriptions).toBe(0);
  });
});
