import { DroverError } from '@drover/spec';
import ssh2, { type ParsedKey } from 'ssh2';

const keyTypes: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]);

/**
 * Reads a private key in OpenSSH or PEM form, encrypted or not. Parsed once and shared by all connections.
 * Throws DroverError SSH_KEY_UNREADABLE. The message never holds any of the key.
 */
export function readPrivateKey(bytes: Uint8Array | string, passphrase?: string): ParsedKey {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
  if (text.trim() === '') throw unreadable('it is empty', 'give the content of a private key file');
  // The result is typed as one key, but it is an array for some inputs.
  const parsed: ParsedKey | ParsedKey[] | Error = parse(text, passphrase);
  if (parsed instanceof Error) throw explain(parsed, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || !key.isPrivateKey()) {
    throw unreadable('it is a public key', 'give the private one, the file without .pub');
  }
  if (!keyTypes.has(key.type)) {
    throw unreadable(`keys of type ${key.type} are not accepted`, 'use ed25519, ecdsa or rsa');
  }
  if (key.type === 'ssh-rsa') refuseSha1(key);
  if (!isWhole(key)) throw unreadable('its halves do not belong together', 'restore the file from a backup');
  return key;
}

/** The public half, `<type> <base64>`, as it goes into an authorized_keys file. */
export function publicKeyOf(key: ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

/** The line for authorized_keys that lets this private key in. Throws DroverError SSH_KEY_UNREADABLE. */
export function authorizedKeyOf(privateKey: Uint8Array | string, passphrase?: string): string {
  return publicKeyOf(readPrivateKey(privateKey, passphrase));
}

function parse(text: string, passphrase: string | undefined): ParsedKey | ParsedKey[] | Error {
  try {
    return ssh2.utils.parseKey(text, passphrase);
  } catch (error) {
    return error instanceof Error ? error : new Error('not a key');
  }
}

function explain(error: Error, passphrase: string | undefined): DroverError {
  if (/encrypted|passphrase|decrypt|integrity|bad decrypt/i.test(error.message)) {
    return passphrase === undefined
      ? unreadable('it is encrypted and no passphrase is given', 'configure the passphrase')
      : unreadable('the passphrase does not fit', 'configure the right passphrase');
  }
  return unreadable('it is not in a form that SSH understands', 'use a key made by ssh-keygen -t ed25519');
}

/** Finds a damaged file now, and not as a refusal by every VM. */
function isWhole(key: ParsedKey): boolean {
  const data = Buffer.from('drover');
  const hash = key.type === 'ssh-rsa' ? 'sha256' : undefined;
  try {
    return key.verify(data, key.sign(data, hash), hash);
  } catch {
    return false;
  }
}

/** ssh2 falls back to SHA-1 signatures when a server does not name its algorithms; such a server is too old for us. */
function refuseSha1(key: ParsedKey): void {
  const sign = key.sign.bind(key);
  key.sign = (data, algorithm) => {
    if (algorithm !== 'sha256' && algorithm !== 'sha512') throw new Error('the server accepts no rsa-sha2 signature');
    return sign(data, algorithm);
  };
}

function unreadable(reason: string, fix: string): DroverError {
  return new DroverError('SSH_KEY_UNREADABLE', `the SSH private key cannot be used: ${reason}`, { fix });
}
