import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../vectors/run-pass.ts';
import { oraclePass } from './oracle.ts';
import { propertyRuns } from './property-runs.ts';
import { randomPass } from './random-pass.ts';

const nobody: ReadonlySet<string> = new Set();

test('decides what the rules say when read naively', () => {
  fc.assert(
    fc.property(randomPass, (given) => {
      expect(decide(given)).toEqual(oraclePass(given, { countInstances: false, busy: nobody }));
    }),
    propertyRuns(3000),
  );
});

test('decides what the rules say when the limit counts VMs', () => {
  fc.assert(
    fc.property(randomPass, (given) => {
      const countInstancesForLimit = true;
      expect(decide(given, { countInstancesForLimit })).toEqual(
        oraclePass(given, { countInstances: true, busy: nobody }),
      );
    }),
    propertyRuns(1500),
  );
});

test('busy containers keep their places and get no action', () => {
  fc.assert(
    fc.property(randomPass, fc.nat(6), (given, n) => {
      const busy = new Set(given.containers.filter((_, i) => i % 7 === n).map((c) => c.uuid));
      expect(decide(given, {}, busy)).toEqual(oraclePass(given, { countInstances: false, busy }));
    }),
    propertyRuns(1500),
  );
});
