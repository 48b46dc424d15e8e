import ssh2 from 'ssh2';

/** A host key: the private one in OpenSSH format, the public one as in a `.pub` file. */
export interface HostKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The form of ssh2's generator. */
type Generate = () => { readonly private: string; readonly public: string };

const generateEd25519: Generate = () => ssh2.utils.generateKeyPairSync('ed25519');

/**
 * A new ed25519 host key. ssh2 1.17 drops leading zero bytes of the public half, so that one key in 256 cannot be read:
 * such a one is thrown away.
 */
export function newHostKey(generate: Generate = generateEd25519): HostKey {
  for (;;) {
    const { private: privateKey, public: publicKey } = generate();
    if (isReadable(privateKey) && isReadable(publicKey)) return { privateKey, publicKey };
  }
}

function isReadable(key: string): boolean {
  try {
    return !(ssh2.utils.parseKey(key) instanceof Error);
  } catch {
    return false;
  }
}
