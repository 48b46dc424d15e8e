import { expect, it } from 'vitest';
import { killsHitTheirTarget } from './kills-hit-their-target.ts';
import { noForeignTouch } from './no-foreign-touch.ts';

it('catches every touch of a foreign VM', () => {
  expect(noForeignTouch().onForeignTouch?.('destroy', 'i-9')).toContain('destroy reached i-9');
});

const kill = { instanceId: 'i-1', uuid: 'a', generation: 2 };
it.each([
  { name: 'its own process', hits: { uuid: 'a', generation: 2 }, wanted: false, says: 'nothing is wrong' },
  { name: 'its own process, which is wanted', hits: { uuid: 'a', generation: 2 }, wanted: true, says: 'is wanted' },
  { name: 'another attempt', hits: { uuid: 'a', generation: 3 }, wanted: false, says: 'hit a/3' },
  { name: 'another container', hits: { uuid: 'b', generation: 2 }, wanted: false, says: 'hit b/2' },
  { name: 'a process of the system', hits: undefined, wanted: false, says: 'itself' },
])('judges a kill that hits $name', ({ hits, wanted, says }) => {
  const found = killsHitTheirTarget(() => wanted).onKill?.({ ...kill, hits });
  expect(found ?? 'nothing is wrong').toContain(says);
});
