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

/** So few changes are worked in one by one: each costs a search and a shift of memory, which is quicker than a loop over all. */
const maxSingly = 8;

/**
 * As `mergeSorted`, in place where little changes. `stale` are the items of `sorted` to be dropped, in any order; those that are not
 * in it do not matter.
 */
export function updateSorted<T>(
  sorted: T[],
  stale: readonly T[],
  added: readonly T[],
  compare: (a: T, b: T) => number,
): T[] {
  if (stale.length + added.length > maxSingly) {
    const drop = new Set(stale);
    return mergeSorted(sorted, (item) => !drop.has(item), added, compare);
  }
  for (const item of stale) {
    const index = sorted.indexOf(item);
    if (index !== -1) sorted.splice(index, 1);
  }
  for (const item of added) {
    const index = lowerBound(sorted, (other) => compare(other, item) > 0);
    sorted.splice(index, 0, item);
  }
  return sorted;
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
