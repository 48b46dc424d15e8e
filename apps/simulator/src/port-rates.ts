import type { CallRate } from './invariants/bounded-rates.ts';
import type { PortCall } from './port-call.ts';

/**
 * How often a dispatcher may ask the same of the same. From the product's own pauses (a retry after 250 ms that doubles up to
 * 10 s, a probe each 10 s, a listing each 60 s and after each change, destroy each 10 s), with room for a restart of each.
 */
const rates: Readonly<Record<PortCall['port'], Readonly<Record<string, CallRate>> & { readonly other: CallRate }>> = {
  cloud: {
    list: { perMinute: 20, burst: 20 },
    destroy: { perMinute: 12, burst: 6 },
    create: { perMinute: 12, burst: 5 },
    other: { perMinute: 20, burst: 15 },
  },
  queue: {
    // As often as anything changes; only a loop without a pause makes so many.
    poll: { perMinute: 60_000, burst: 5_000 },
    other: { perMinute: 20, burst: 20 },
  },
  state: { other: { perMinute: 20, burst: 20 } },
  ssh: {
    connect: { perMinute: 60, burst: 40 },
    other: { perMinute: 30, burst: 40 },
  },
};

/** The bound for one call. */
export function rateOf({ port, operation }: PortCall): CallRate {
  return rates[port][operation] ?? rates[port].other;
}
