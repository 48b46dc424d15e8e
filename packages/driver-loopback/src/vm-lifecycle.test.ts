import { expect, test } from 'vitest';
import { lifecycleOf, type VmFacts } from './vm-lifecycle.ts';

const facts: VmFacts = { leader: 'none', launching: false, ending: false, ended: false, up: false, ageMs: 60_000 };

test.each<[string, Partial<VmFacts>, string]>([
  ['it boots', { leader: 'alive' }, 'pending'],
  ['it serves SSH', { leader: 'alive', up: true }, 'running'],
  ['it is being ended', { leader: 'alive', up: true, ending: true }, 'stopping'],
  ['its first process has ended; others may run', { leader: 'dead', up: true }, 'stopping'],
  ['nothing of it is left', { leader: 'dead', up: true, ended: true }, 'terminated'],
  ['this driver launches it', { launching: true }, 'pending'],
  ['another dispatcher may be launching it', { ageMs: 100 }, 'pending'],
  ['the dispatcher that launched it has died', { ageMs: 5_000 }, 'stopping'],
  ['the wall clock has been set back since', { ageMs: -86_400_000 }, 'stopping'],
  ['it never started', { ended: true }, 'terminated'],
])('%s', (_title, known, lifecycle) => {
  expect(lifecycleOf({ ...facts, ...known })).toBe(lifecycle);
});
