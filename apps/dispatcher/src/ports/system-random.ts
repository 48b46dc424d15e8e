import { randomBytes } from 'node:crypto';
import type { Random } from '@drover/spec';

/** Chance from the operating system: unpredictable, fit for secrets. */
export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
