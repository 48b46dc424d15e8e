import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until there is something to see. Rejects after `withinMs` with what was last seen, if the look can say so. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = 30_000, everyMs = 20, seen }: { withinMs?: number; everyMs?: number; seen?: () => string } = {},
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`never within ${withinMs} ms: ${what}; ${seen?.() ?? ''}`);
    await sleep(everyMs);
  }
}

/** For conditions. */
export async function untilTrue(
  what: string,
  look: () => Promise<boolean> | boolean,
  options: Parameters<typeof until>[2] = {},
): Promise<void> {
  await until(what, async () => ((await look()) ? true : undefined), options);
}
