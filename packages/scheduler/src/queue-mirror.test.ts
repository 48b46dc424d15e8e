import type { QueueEntry } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { makeEntry } from '../test/fixture.ts';
import { QueueMirror } from './queue-mirror.ts';

const queued = makeEntry({ generation: 0 });
const locked = makeEntry({ state: 'Locked', generation: 1 });
const running = makeEntry({ state: 'Running', generation: 1 });
const complete = makeEntry({ state: 'Complete', generation: 1 });

function loaded(fenced: boolean, ...entries: readonly QueueEntry[]): QueueMirror {
  const mirror = new QueueMirror({ fenced });
  mirror.applyPoll(mirror.pollBegins(1000), { cursor: '1', complete: true, entries });
  return mirror;
}

function delta(...entries: readonly QueueEntry[]) {
  return { cursor: '2', complete: false, entries };
}

describe('QueueMirror', () => {
  it('takes what a poll brings and remembers when it was first seen', () => {
    const mirror = loaded(true, queued);
    expect(mirror.get('c1')).toBe(queued);
    expect(mirror.firstSeenAtMs('c1')).toBe(1000);
    expect(mirror.cursor).toBe('1');
    expect(mirror.heldCount).toBe(0);
  });

  it.each([true, false])('lets our change win over a poll that began before it (fenced %s)', (fenced) => {
    const mirror = loaded(fenced, queued);
    const ticket = mirror.pollBegins(0);
    mirror.applyAnswer(locked);
    mirror.applyPoll(ticket, delta(queued));
    expect(mirror.get('c1')).toBe(locked);
  });

  it('lets a poll win that has come further although it began earlier', () => {
    const mirror = loaded(true, queued);
    const ticket = mirror.pollBegins(0);
    mirror.applyAnswer(locked);
    mirror.applyPoll(ticket, delta(complete));
    expect(mirror.get('c1')).toBe(complete);
  });

  it('does not let a late answer undo what a poll brought', () => {
    const mirror = loaded(true, queued);
    const cancelled = makeEntry({ state: 'Locked', generation: 1, priority: 0 });
    mirror.applyPoll(mirror.pollBegins(0), delta(cancelled));
    mirror.applyAnswer(locked);
    expect(mirror.get('c1')).toBe(cancelled);
  });

  it('takes a new priority at the same point from a poll', () => {
    const mirror = loaded(true, running);
    const changed = { ...running, priority: 0 };
    mirror.applyPoll(mirror.pollBegins(0), delta(changed));
    expect(mirror.get('c1')).toBe(changed);
  });

  it('removes what a complete update lacks', () => {
    const mirror = loaded(true, running);
    mirror.applyPoll(mirror.pollBegins(0), { cursor: '2', complete: true, entries: [] });
    expect(mirror.get('c1')).toBeUndefined();
    expect([...mirror.held()]).toEqual([]);
  });

  it('without fencing keeps what we changed while the complete update was made', () => {
    const mirror = loaded(false, queued);
    const ticket = mirror.pollBegins(0);
    mirror.applyAnswer(locked);
    mirror.applyPoll(ticket, { cursor: '2', complete: true, entries: [] });
    expect(mirror.get('c1')).toBe(locked);
  });

  it('ignores the answer for a container that has left', () => {
    const mirror = loaded(true);
    mirror.applyAnswer(locked);
    expect(mirror.get('c1')).toBeUndefined();
  });

  it('keeps answers that came before the first poll', () => {
    const mirror = new QueueMirror({ fenced: true });
    const ticket = mirror.pollBegins(0);
    mirror.applyAnswer(complete);
    mirror.applyPoll(ticket, { cursor: '1', complete: true, entries: [running] });
    expect(mirror.get('c1')).toBe(complete);
  });

  it('keeps a container suspect until a poll that began later has ended', () => {
    const mirror = loaded(true, queued);
    const before = mirror.pollBegins(0);
    mirror.suspect('c1');
    mirror.applyPoll(before, delta());
    expect(mirror.isSuspect('c1')).toBe(true);
    mirror.applyPoll(mirror.pollBegins(0), delta());
    expect(mirror.isSuspect('c1')).toBe(false);
  });

  it('lists as held what is not queued', () => {
    const mirror = loaded(true, queued);
    mirror.applyAnswer(locked);
    expect([...mirror.held()]).toEqual([locked]);
    mirror.applyAnswer(makeEntry({ generation: 1 }));
    expect([...mirror.held()]).toEqual([]);
  });
});
