import { expect, it } from 'vitest';
import { whenSettled } from './when-settled.ts';

it('waits for reactions, and for those that they cause', async () => {
  const order: string[] = [];
  void Promise.resolve()
    .then(() => order.push('a'))
    .then(() => order.push('b'))
    .then(() => order.push('c'));
  await new Promise<void>((resolve) => whenSettled(resolve));
  expect(order).toEqual(['a', 'b', 'c']);
});

it('waits for ticks too, however they and reactions cause each other', async () => {
  let done = 0;
  const tick = (): Promise<void> =>
    new Promise((resolve) => {
      process.nextTick(() => {
        done += 1;
        resolve();
      });
    });
  const work = async (): Promise<void> => {
    for (let round = 0; round < 5; round += 1) {
      await tick();
      await Promise.resolve();
    }
  };
  void work();
  await new Promise<void>((resolve) =>
    whenSettled(
      () => {
        expect(done).toBe(5);
        resolve();
      },
      () => done,
    ),
  );
});
