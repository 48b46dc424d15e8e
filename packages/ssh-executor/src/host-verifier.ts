import { type HostKeyBlob, sameHostKey } from './host-key.ts';

/** Decides about the key a host claims, and remembers it. */
export interface HostVerifier {
  /**
   * The function for ssh2. Two traps: ssh2 takes everything but `false` for yes (a promise, too), so this is
   * synchronous and returns a boolean; and it is called again at every re-key, so it is idempotent.
   */
  readonly verify: (blob: Buffer) => boolean;
  /**
   * The key claimed last. Only a claim while the handshake lasts: ssh2 asks before it has checked the signature that
   * proves possession.
   */
  claimed(): HostKeyBlob | undefined;
  /** True when a key was refused. */
  refused(): boolean;
}

/** Accepts one of the pinned keys, or any key when none is pinned; from then on only that very key. */
export function createHostVerifier(pins: readonly HostKeyBlob[]): HostVerifier {
  let accepted: HostKeyBlob | undefined;
  let claimed: HostKeyBlob | undefined;
  let refused = false;
  const acceptable = (blob: HostKeyBlob): boolean => {
    if (accepted !== undefined) return sameHostKey(accepted, blob);
    return pins.length === 0 || pins.some((pin) => sameHostKey(pin, blob));
  };
  return {
    verify: (blob) => {
      // A copy: the buffer belongs to ssh2's parser.
      claimed = Buffer.from(blob);
      if (!acceptable(claimed)) {
        refused = true;
        return false;
      }
      accepted ??= claimed;
      return true;
    },
    claimed: () => claimed,
    refused: () => refused,
  };
}
