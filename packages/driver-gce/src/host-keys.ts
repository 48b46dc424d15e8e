import type { HostKeys } from '@drover/spec';
import * as z from 'zod';

const attributesSchema = z.object({
  queryValue: z.object({ items: z.array(z.object({ key: z.string(), value: z.string() })).nullish() }).nullish(),
});

/**
 * The host keys among a VM's guest attributes, to which Google's guest environment writes them at boot: `hostkeys/ssh-ed25519`
 * is the key in base64. Anybody on the VM can write there later: they count until the pool has pinned one, and never again.
 */
export function parseHostKeys(answer: unknown): HostKeys {
  const parsed = attributesSchema.safeParse(answer);
  const items = parsed.success ? (parsed.data.queryValue?.items ?? []) : [];
  return items
    .map(({ key, value }) => `${key} ${value.trim()}`)
    .filter((line) => /^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$/.test(line));
}
