/** Counts attempts per host in a window of time, to tell a host that we crowd from one that is not ready. */
export interface Crowd {
  /** Notes one attempt. */
  note(address: string, nowMs: number): void;
  /** Was there more than one within the window? */
  isCrowded(address: string, nowMs: number): boolean;
}

/** Hosts of an ended window are forgotten when the map has grown to this size. */
const pruneAt = 1_000;

export function createCrowd(windowMs: number): Crowd {
  const hosts = new Map<string, { readonly sinceMs: number; count: number }>();
  const current = (address: string, nowMs: number) => {
    const host = hosts.get(address);
    return host !== undefined && nowMs - host.sinceMs <= windowMs ? host : undefined;
  };
  const prune = (nowMs: number): void => {
    for (const address of hosts.keys()) if (current(address, nowMs) === undefined) hosts.delete(address);
  };
  return {
    note: (address, nowMs) => {
      const host = current(address, nowMs);
      if (host !== undefined) host.count += 1;
      else hosts.set(address, { sinceMs: nowMs, count: 1 });
      if (hosts.size >= pruneAt) prune(nowMs);
    },
    isCrowded: (address, nowMs) => (current(address, nowMs)?.count ?? 0) > 1,
  };
}
