import { afterEach, expect, it } from 'vitest';
import { RealTimeGuard } from './real-time-guard.ts';

const guard = new RealTimeGuard();
afterEach(() => guard.disarm());

it('notes every use of real time or chance by our own code, and lets it through', () => {
  guard.arm();
  clearTimeout(setTimeout(() => undefined, 1));
  clearInterval(setInterval(() => undefined, 1));
  expect(Math.random()).toBeLessThan(1);
  expect(performance.now()).toBeGreaterThan(0);
  expect(Date.now()).toBeGreaterThan(0);
  expect(new Date().getTime()).toBeGreaterThan(0);
  expect(new Date(0).getTime()).toBe(0);
  guard.disarm();
  const names = guard.uses.map((use) => use.split(' at ')[0]);
  expect(names).toEqual(['setTimeout', 'setInterval', 'Math.random', 'performance.now', 'Date.now', 'new Date()']);
});

it('notes nothing once disarmed', () => {
  const before = guard.uses.length;
  Math.random();
  expect(guard.uses.length).toBe(before);
});
