/**
 * Brings a sorted array up to date: drops what `keep` refuses and puts `added` in place, without sorting the rest again.
 * Linear in `sorted`, and in `added` times its logarithm.
 */
export function mergeSorted<T>(
  sorted: readonly T[],
  keep: (item: T) => boolean,
  added: readonly T[],
  compare: (a: T, b: T) => number,
): T[] {
  const news = added.toSorted(compare);
  const merged: T[] = [];
  let next = 0;
  for (const item of sorted) {
    if (!keep(item)) continue;
    for (let candidate = news[next]; candidate !== undefined && compare(candidate, item) < 0; candidate = news[next]) {
      merged.push(candidate);
      next += 1;
    }
    merged.push(item);
  }
  for (const item of news.slice(next)) merged.push(item);
  return merged;
}

/** Index of the first item for which `reached` holds, in an array where it holds from some item on. */
export function lowerBound<T>(sorted: readonly T[], reached: (item: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && reached(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
