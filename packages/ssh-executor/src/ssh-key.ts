import ssh2 from 'ssh2';

/** A key pair in the forms that SSH tools read. */
export interface SshKeyPair {
  /** OpenSSH private key file (PEM armour, not encrypted); write it with mode 0600. */
  readonly privateKeyPem: string;
  /** One line for authorized_keys: `ssh-ed25519 <base64> [comment]`. */
  readonly publicKeyOpenSsh: string;
}

/** Makes a new ed25519 key pair from the operating system's randomness. */
export function generateSshKeyPair(options: { readonly comment?: string } = {}): SshKeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: options.comment ?? 'drover' });
  return { privateKeyPem: pair.private, publicKeyOpenSsh: pair.public };
}
