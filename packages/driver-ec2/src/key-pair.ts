import { createHash } from 'node:crypto';
import { type CallOptions, InvalidRequestError } from '@drover/spec';
import { awsCode } from './error-facts.ts';
import type { Ec2Api } from './sdk-subset.ts';

/** The dispatcher's public key as the account's key pair: found under whatever name, else imported, and remembered. */
export class KeyPairs {
  readonly #api: Ec2Api;
  readonly #prefix: string;
  readonly #names = new Map<string, Promise<string>>();

  constructor(api: Ec2Api, prefix: string) {
    this.#api = api;
    this.#prefix = prefix;
  }

  /** The name of the key's pair; creates at the same time share one search. Rejects with the SDK's errors. */
  async nameOf(publicKey: string, options: CallOptions): Promise<string> {
    const key = publicKey.trim();
    let name = this.#names.get(key);
    if (name === undefined) {
      name = this.#findOrImport(key, options);
      this.#names.set(key, name);
    }
    try {
      return await name;
    } catch (error) {
      if (this.#names.get(key) === name) this.#names.delete(key);
      throw error;
    }
  }

  /** The pair is there no longer. */
  forget(publicKey: string): void {
    this.#names.delete(publicKey.trim());
  }

  async #findOrImport(key: string, options: CallOptions): Promise<string> {
    const found = await findKeyPair(this.#api, key, options);
    if (found !== undefined) return found;
    const name = keyPairName(this.#prefix, key);
    try {
      await this.#api.importKeyPair({ KeyName: name, PublicKeyMaterial: Buffer.from(key) }, options);
    } catch (error) {
      // Another dispatcher with the same key was quicker: the name has the key's digest in it.
      if (awsCode(error) !== 'InvalidKeyPair.Duplicate') throw error;
    }
    return name;
  }
}

/** Looks the key up by its fingerprint; gives the name of its pair. */
export async function findKeyPair(api: Ec2Api, publicKey: string, options: CallOptions): Promise<string | undefined> {
  const filter = { Name: 'fingerprint', Values: [...fingerprintsOf(publicKey)] };
  const { KeyPairs: pairs = [] } = await api.describeKeyPairs({ Filters: [filter] }, options);
  return pairs.find((pair) => pair.KeyName !== undefined)?.KeyName;
}

/** The name that an imported pair gets. */
export function keyPairName(prefix: string, publicKey: string): string {
  return `${prefix}-${createHash('sha256').update(blobOf(publicKey)).digest('hex').slice(0, 16)}`;
}

/**
 * How EC2 writes the fingerprint of an imported key: MD5 with colons for RSA, SHA-256 in base64 for ED25519 (seen with and without
 * its padding).
 * @throws InvalidRequestError for other kinds of key
 */
export function fingerprintsOf(publicKey: string): readonly string[] {
  const blob = blobOf(publicKey);
  if (publicKey.startsWith('ssh-rsa '))
    return [(createHash('md5').update(blob).digest('hex').match(/../g) ?? []).join(':')];
  const digest = createHash('sha256').update(blob).digest('base64');
  return [digest, digest.replace(/=+$/, '')];
}

function blobOf(publicKey: string): Uint8Array {
  const [, kind, blob] = /^(ssh-rsa|ssh-ed25519) ([A-Za-z0-9+/=]+)/.exec(publicKey) ?? [];
  if (kind === undefined || blob === undefined)
    throw new InvalidRequestError(`ec2: EC2 takes no key of the kind "${publicKey.split(' ')[0]?.slice(0, 40)}"`, {
      fix: 'use an RSA or ED25519 key for ssh.privateKey',
    });
  return Buffer.from(blob, 'base64');
}
