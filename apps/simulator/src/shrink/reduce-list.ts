/**
 * The smallest sublist (by this search, not of all) that still passes the test: leaves out halves, quarters and so on down to single
 * items, again until nothing more can go (Zeller's ddmin, complements only). Always asks in the same order.
 *
 * `isEnough` is never asked about `items` itself, which must pass.
 */
export async function reduceList<T>(
  items: readonly T[],
  isEnough: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = items;
  let size = Math.ceil(left.length / 2);
  while (left.length > 0 && size >= 1) {
    const shorter = await withoutOneChunk(left, size, isEnough);
    if (shorter !== undefined) {
      left = shorter;
      size = Math.min(size, Math.ceil(left.length / 2));
    } else if (size === 1) break;
    else size = Math.ceil(size / 2);
  }
  return left;
}

async function withoutOneChunk<T>(
  items: readonly T[],
  size: number,
  isEnough: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[] | undefined> {
  for (let from = 0; from < items.length; from += size) {
    const part = [...items.slice(0, from), ...items.slice(from + size)];
    if (await isEnough(part)) return part;
  }
  return undefined;
}
