/** A key pair in the forms that SSH tools read. */
export interface SshKeyPair {
  /** OpenSSH private key file (PEM armour, not encrypted); write it with mode 0600. */
  readonly privateKeyPem: string;
  /** One line for authorized_keys: `ssh-ed25519 <base64> [comment]`. */
  readonly publicKeyOpenSsh: string;
}

/** The parts of an ed25519 key file. */
export interface Ed25519Parts {
  /** 32 bytes, secret. */
  readonly seed: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 4 bytes, written twice; a reader of an encrypted file sees by them whether the passphrase fits. */
  readonly checkBytes: Uint8Array;
  readonly comment: string;
}

const type = Buffer.from('ssh-ed25519');
const nothing = Buffer.alloc(0);

/** Writes a key pair as OpenSSH does (its PROTOCOL.key): format openssh-key-v1, no cipher, no key derivation. */
export function encodeEd25519Key(parts: Ed25519Parts): SshKeyPair {
  const publicBlob = Buffer.concat([lengthPrefixed(type), lengthPrefixed(parts.publicKey)]);
  const secrets = Buffer.concat([
    parts.checkBytes,
    parts.checkBytes,
    publicBlob,
    lengthPrefixed(Buffer.concat([parts.seed, parts.publicKey])),
    lengthPrefixed(Buffer.from(parts.comment)),
  ]);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    lengthPrefixed(Buffer.from('none')),
    lengthPrefixed(Buffer.from('none')),
    lengthPrefixed(nothing),
    uint32(1),
    lengthPrefixed(publicBlob),
    lengthPrefixed(padTo8(secrets)),
  ]);
  return {
    privateKeyPem: armour(file),
    publicKeyOpenSsh: `ssh-ed25519 ${publicBlob.toString('base64')} ${parts.comment}`.trimEnd(),
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function lengthPrefixed(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** With 1, 2, 3, …: the cipher "none" has blocks of 8 bytes. */
function padTo8(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function armour(file: Buffer): string {
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
