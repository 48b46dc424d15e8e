import { SimulatedClock } from '@drover/testkit';
import { expect, it } from 'vitest';
import { drive } from './drive.ts';

it('lets promise reactions run between two events of the same instant', async () => {
  const clock = new SimulatedClock();
  const order: string[] = [];
  clock.timer(5, () => {
    order.push('first');
    void Promise.resolve().then(() => order.push('its reaction'));
  });
  clock.timer(5, () => order.push('second'));
  const result = await drive({ clock, afterStep: () => order.push('look'), isOver: () => false });
  expect(order).toEqual(['first', 'its reaction', 'look', 'second', 'look']);
  expect(result).toEqual({ steps: 2, stuckAtMs: undefined });
});

it('stops when the world is over', async () => {
  const clock = new SimulatedClock();
  let count = 0;
  const again = (): void => {
    count += 1;
    clock.timer(1, again);
  };
  again();
  await drive({ clock, afterStep: () => undefined, isOver: () => count >= 10 });
  expect(count).toBe(10);
});

it('notices a circle that time never leaves', async () => {
  const clock = new SimulatedClock();
  const again = (): void => void clock.timer(0, again);
  clock.timer(3, again);
  const result = await drive({ clock, afterStep: () => undefined, isOver: () => false });
  expect(result.stuckAtMs).toBe(3);
});
