import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HeapTimer, TimerHeap } from './timer-heap.ts';

it('gives timers in their order, whatever was taken out before', () => {
  const operation = fc.record({ atMs: fc.nat(20), tieBreak: fc.nat(1000), remove: fc.boolean(), which: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const heap = new TimerHeap();
      const inside: HeapTimer[] = [];
      for (const { atMs, tieBreak, remove, which } of operations)
        if (remove && inside.length > 0) {
          const [gone] = inside.splice(which % inside.length, 1);
          if (gone !== undefined) heap.remove(gone);
          if (gone !== undefined) heap.remove(gone);
        } else {
          const timer = { atMs, tieBreak, callback: () => undefined, index: -1 };
          inside.push(timer);
          heap.push(timer);
        }
      expect(heap.size).toBe(inside.length);
      const order = (timer: HeapTimer): number => timer.atMs * 10_000 + timer.tieBreak;
      const popped = inside.map(() => heap.pop()).map((timer) => (timer === undefined ? -1 : order(timer)));
      expect(popped).toEqual(inside.map(order).toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
