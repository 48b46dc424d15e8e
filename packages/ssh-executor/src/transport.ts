import type { Duplex } from 'node:stream';
import type { HostPort } from './parse-address.ts';

/** A byte stream to a host: a TCP socket, or a channel of a bastion. */
export interface Transport {
  readonly stream: Duplex;
  /** Ends it at once. */
  destroy(): void;
}

/** Opens one; rejects with the signal's reason when aborted. */
export type OpenTransport = (to: HostPort, signal: AbortSignal) => Promise<Transport>;
