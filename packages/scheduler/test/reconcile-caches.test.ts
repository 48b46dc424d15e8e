import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reconciler } from '../src/reconcile.ts';
import type { Reconciliation, ReconcileInput } from '../src/reconcile-types.ts';
import { propertyRuns } from './property-runs.ts';
import { RandomWorld, randomChanges } from './random-world.ts';

/** What changes beside queue and pool. */
const surroundings = fc.record({
  queueLoaded: fc.boolean(),
  windingDown: fc.boolean(),
  staleLocksExpired: fc.boolean(),
  allKnownSinceMs: fc.constantFrom(undefined, 10),
  own: fc.boolean(),
});

type Surroundings = typeof surroundings extends fc.Arbitrary<infer T> ? T : never;

const batches = fc.array(fc.record({ changes: randomChanges, around: fc.option(surroundings) }), {
  minLength: 5,
  maxLength: 40,
});

function inputOf(world: RandomWorld, { own, ...around }: Surroundings, since: number): ReconcileInput {
  const { pool, queue, busy, options } = world.input();
  return {
    pool,
    find: (uuid) => queue.entries.get(uuid),
    held: [...queue.entries.values()].filter(({ state }) => state !== 'Queued'),
    changed: queue.changedSince(since),
    fenced: options.fenced,
    isBusy: (uuid) => busy.has(uuid),
    isOwnLock: () => own,
    lastPollBeganMs: 100,
    refusedStarts: () => 0,
    maxRefusedStarts: 3,
    ...around,
  };
}

/** Without the order, which says nothing. */
function decisions({ judgements, recovering, ended }: Reconciliation): unknown {
  const lines = judgements.map((judgement) => JSON.stringify(judgement));
  return { judgements: lines.toSorted(), recovering: [...recovering].toSorted(), ended: [...ended].toSorted() };
}

test('what the reconciler remembers changes no judgement, whatever changes between the passes', () => {
  fc.assert(
    fc.property(fc.boolean(), batches, (fenced, batches) => {
      const world = new RandomWorld({ fenced });
      const warm = new Reconciler();
      let since = -1;
      let around: Surroundings = {
        queueLoaded: true,
        windingDown: false,
        staleLocksExpired: false,
        allKnownSinceMs: 10,
        own: true,
      };
      for (const batch of batches) {
        for (const change of batch.changes) world.apply(change);
        around = batch.around ?? around;
        const input = inputOf(world, around, since);
        since = world.input().queue.revision;
        expect(decisions(warm.reconcile(input))).toEqual(decisions(new Reconciler().reconcile(input)));
      }
    }),
    propertyRuns(300),
  );
});
