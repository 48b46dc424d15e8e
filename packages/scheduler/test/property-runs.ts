/**
 * How a property is run: the same cases each time, unless DROVER_TEST_SEED names another seed; DROVER_TEST_RUNS multiplies
 * how many there are.
 */
export function propertyRuns(numRuns: number): { readonly numRuns: number; readonly seed: number } {
  const times = Number(process.env['DROVER_TEST_RUNS'] ?? 1);
  return { numRuns: numRuns * times, seed: Number(process.env['DROVER_TEST_SEED'] ?? 1) };
}
