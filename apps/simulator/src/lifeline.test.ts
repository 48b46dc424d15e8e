import { settle } from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { Lifeline } from './lifeline.ts';

function counting() {
  const effects: number[] = [];
  const work = (): Promise<number> => {
    effects.push(effects.length);
    return Promise.resolve(effects.length);
  };
  return { effects, work };
}

describe('Lifeline', () => {
  it('passes calls, answers and callbacks while it lives', async () => {
    const life = new Lifeline(() => undefined);
    const { work } = counting();
    expect(await life.call(work)).toBe(1);
    const heard: string[] = [];
    life.listener((word: string) => heard.push(word))('a');
    expect(heard).toEqual(['a']);
  });

  it('once cut lets nothing happen, answer or call back', async () => {
    const life = new Lifeline(() => undefined);
    const { work, effects } = counting();
    let settled = 0;
    const answer = Promise.withResolvers<number>();
    void life.call(() => answer.promise).finally(() => (settled += 1));
    life.cut();
    answer.resolve(1);
    void life.call(work).finally(() => (settled += 1));
    life.act(() => void work());
    life.listener(() => void work())();
    await settle();
    expect(effects).toEqual([]);
    expect(settled).toBe(0);
  });

  it.each([
    { afterEffect: false, effects: 1 },
    { afterEffect: true, effects: 2 },
  ])('dies at a planned call (afterEffect $afterEffect)', async ({ afterEffect, effects: expected }) => {
    let cuts = 0;
    const life = new Lifeline(() => (cuts += 1), { atCall: 2, afterEffect });
    const { work, effects } = counting();
    await life.call(work);
    let settled = false;
    void life.call(work).finally(() => (settled = true));
    void life.call(work);
    await settle();
    expect({ cuts, settled, effects: effects.length }).toEqual({ cuts: 1, settled: false, effects: expected });
  });
});
