import { expect, it } from 'vitest';
import { reduceList } from './reduce-list.ts';

const numbers = Array.from({ length: 40 }, (_, index) => index);

it.each([
  [[], []],
  [[7], [7]],
  [
    [3, 4, 31],
    [3, 4, 31],
  ],
  [numbers.slice(10, 30), numbers.slice(10, 30)],
])('finds the %j that are needed', async (needed, found) => {
  const enough = async (part: readonly number[]): Promise<boolean> => needed.every((number) => part.includes(number));
  expect(await reduceList(numbers, enough)).toEqual(found);
});

it('asks few questions when few items matter, and the same ones each time', async () => {
  const asked = async (): Promise<readonly string[]> => {
    const questions: string[] = [];
    await reduceList(numbers, async (part) => {
      questions.push(part.join());
      return part.includes(17);
    });
    return questions;
  };
  const first = await asked();
  expect(first.length).toBeLessThan(15);
  expect(await asked()).toEqual(first);
});
