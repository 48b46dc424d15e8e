import type { ServerHostKeyAlgorithm } from 'ssh2';

/** A public host key as it travels in the handshake: a length-prefixed type name and the key itself. */
export type HostKeyBlob = Uint8Array;

/** `<type> <base64>`, the form in which keys are pinned; undefined when the bytes do not start with a type name. */
export function formatHostKey(blob: HostKeyBlob): string | undefined {
  const type = readType(blob);
  return type === undefined ? undefined : `${type} ${Buffer.from(blob).toString('base64')}`;
}

/** Reads `<type> <base64> [comment]`; undefined when it is not a public key or the name contradicts the bytes. */
export function parseHostKey(text: string): HostKeyBlob | undefined {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const blob = Buffer.from(base64, 'base64');
  return readType(blob) === type ? blob : undefined;
}

/** Are these the same bytes? Host keys are public, so this need not take constant time. */
export function sameHostKey(a: HostKeyBlob, b: HostKeyBlob): boolean {
  return Buffer.compare(a, b) === 0;
}

const algorithmsByType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  // The key type is still called ssh-rsa; only its SHA-1 signature is out.
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * The host key algorithms to offer: those of the pinned types, so that a server with several keys shows the pinned one;
 * all of them when nothing is pinned.
 */
export function hostKeyAlgorithms(pins: readonly HostKeyBlob[]): ServerHostKeyAlgorithm[] {
  const types = new Set(pins.map(readType));
  const offered = Object.entries(algorithmsByType).filter(([type]) => types.size === 0 || types.has(type));
  return offered.flatMap(([, algorithms]) => algorithms);
}

function readType(blob: HostKeyBlob): string | undefined {
  if (blob.byteLength < 4) return undefined;
  const length = new DataView(blob.buffer, blob.byteOffset).getUint32(0);
  if (length === 0 || length > 64 || blob.byteLength <= 4 + length) return undefined;
  const type = Buffer.from(blob.subarray(4, 4 + length)).toString('latin1');
  return /^[\w@.-]+$/.test(type) ? type : undefined;
}
