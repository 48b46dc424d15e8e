import type { Algorithms } from 'ssh2';
import { hostKeyAlgorithms, type HostKeyBlob } from './host-key.ts';

/**
 * What is offered to a server. Ciphers: only AES-GCM. chacha20-poly1305 is AEAD too, but against a server without strict
 * key exchange it is the one open to prefix truncation (CVE-2023-48795), and without the native add-on it is slow.
 * ssh2 itself adds the marker for strict key exchange. Key exchange: elliptic curves only. MACs are negotiated by name
 * even though an AEAD cipher uses none, so the list may not be empty.
 */
export function offeredAlgorithms(pins: readonly HostKeyBlob[]): Algorithms {
  return {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
    ],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'],
    hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
    compress: ['none'],
    serverHostKey: hostKeyAlgorithms(pins),
  };
}
