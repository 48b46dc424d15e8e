import type { SdkPages } from './sdk-subset.ts';

/** Takes a list page by page, so that no page keeps the next one waiting in memory; ends with the signal's reason when it is aborted. */
export async function eachPage<Item>(
  pages: SdkPages<Item>,
  signal: AbortSignal,
  take: (item: Item) => void,
): Promise<void> {
  for await (const page of pages.byPage()) {
    signal.throwIfAborted();
    for (const item of page) take(item);
  }
}
