import { settle, SimulatedClock } from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { PassTrigger } from './pass-trigger.ts';

/** Passes that take `costMs` of a clock which moves while they run. */
function make(costMs: number) {
  const clock = new SimulatedClock();
  let spentMs = 0;
  const passes: number[] = [];
  const moving = {
    ...bound(clock),
    monotonicMs: () => clock.monotonicMs() + spentMs,
  };
  const trigger = new PassTrigger(moving, () => {
    passes.push(moving.monotonicMs());
    spentMs += costMs;
  });
  return { clock, trigger, passes };
}

function bound(clock: SimulatedClock) {
  return {
    wallMs: () => clock.wallMs(),
    timer: (ms: number, callback: () => void) => clock.timer(ms, callback),
    sleep: (ms: number) => clock.sleep(ms),
  };
}

describe('PassTrigger', () => {
  it('runs one pass for a burst, in the same turn', async () => {
    const { trigger, passes, clock } = make(0);
    for (let i = 0; i < 100; i += 1) trigger.request();
    await settle();
    expect(passes).toEqual([0]);
    expect(clock.nextAtMs()).toBeUndefined();
  });

  it('runs again when something changes during a pass', async () => {
    const clock = new SimulatedClock();
    let passes = 0;
    const trigger: PassTrigger = new PassTrigger(clock, () => {
      passes += 1;
      if (passes === 1) trigger.request();
    });
    trigger.request();
    await settle();
    expect(passes).toBe(2);
  });

  it('leaves as much time between passes as the last one took', async () => {
    const { trigger, passes, clock } = make(40);
    trigger.request();
    await settle();
    trigger.request();
    await settle();
    expect(passes).toEqual([0]);
    await clock.advance(40);
    expect(passes).toEqual([0, 80]);
  });

  it('runs nothing once closed', async () => {
    const { trigger, passes } = make(0);
    trigger.request();
    trigger.close();
    await settle();
    expect(passes).toEqual([]);
  });

  it('does not starve everything else when each pass brings about the next', async () => {
    const clock = new SimulatedClock();
    let passes = 0;
    const trigger: PassTrigger = new PassTrigger(clock, () => {
      passes += 1;
      // Without a bound this would never end.
      if (passes < 10_000) trigger.request();
    });
    trigger.request();
    await settle();
    expect(passes).toBeLessThan(100);
    await clock.advance(0);
    expect(passes).toBe(10_000);
  });
});
