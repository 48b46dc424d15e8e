import type { Invariant } from './invariant.ts';

/** 25: few channels on each connection, and none when all is done. */
export function boundedChannels(maxChannels: number, open: () => number): Invariant {
  return {
    number: 25,
    rule: 'channels and sockets bounded, back to zero',
    onArrival: ({ instanceId, channels }) =>
      channels > maxChannels ? `${channels} channels are open on one connection to ${instanceId}` : undefined,
    atEnd: () => (open() === 0 ? undefined : `${open()} executors are still open`),
  };
}
