import { expect, it } from 'vitest';
import { SimulatedClock } from '../simulated-clock.ts';
import { DeadManTimer } from './dead-man-timer.ts';

function setUp() {
  const clock = new SimulatedClock();
  const ranOutAtMs: number[] = [];
  const timer = new DeadManTimer(clock, () => ranOutAtMs.push(clock.monotonicMs()));
  return { clock, ranOutAtMs, timer };
}

it('runs out so long after somebody was heard last, once', async () => {
  const { clock, ranOutAtMs, timer } = setUp();
  timer.setLimit(100.3);
  for (const ms of [40.1, 90.7]) {
    await clock.advance(ms);
    timer.heard();
  }
  await clock.advance(1000);
  expect(ranOutAtMs).toEqual([40.1 + 90.7 + 100.3]);
  timer.heard();
  await clock.advance(1000);
  expect(ranOutAtMs).toHaveLength(2);
});

it('runs out at once when it is armed after its time, never at limit 0, and not when stopped', async () => {
  const { clock, ranOutAtMs, timer } = setUp();
  await clock.advance(500);
  timer.setLimit(100);
  await clock.advance(0);
  expect(ranOutAtMs).toEqual([500]);
  timer.setLimit(0);
  timer.heard();
  await clock.advance(1000);
  timer.setLimit(100);
  timer.heard();
  timer.stop();
  await clock.advance(50);
  expect(ranOutAtMs).toEqual([500]);
});
