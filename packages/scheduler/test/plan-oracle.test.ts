import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../vectors/run-pass.ts';
import { oraclePass } from './oracle.ts';
import { randomPass } from './random-pass.ts';

test('decides what the rules say when read naively', () => {
  fc.assert(
    fc.property(randomPass, (given) => {
      expect(decide(given)).toEqual(oraclePass(given));
    }),
    { numRuns: 3000 },
  );
});

test('decides what the rules say when the limit counts VMs', () => {
  fc.assert(
    fc.property(randomPass, (given) => {
      expect(decide(given, { countInstancesForLimit: true })).toEqual(
        oraclePass(given, { countInstances: true, busy: new Set() }),
      );
    }),
    { numRuns: 1500 },
  );
});
