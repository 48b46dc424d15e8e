/** Why Azure does not take a key, and which setting to change. */
export interface KeyProblem {
  readonly message: string;
  readonly setting: string;
  readonly fix: string;
}

const minRsaBits = 2_048;

/** Azure takes RSA keys of 2048 bits or more, and Ed25519; undefined: it takes this one. */
export function keyProblem(authorizedKey: string): KeyProblem | undefined {
  if (authorizedKey === '')
    return {
      message: 'a VM needs an SSH key, because Azure makes none without key or password',
      setting: 'ssh.privateKey',
      fix: 'name a key whose public half goes to the VM',
    };
  const [type = '', base64 = ''] = authorizedKey.split(/\s+/);
  if (type === 'ssh-ed25519') return undefined;
  const mend = { setting: 'ssh.privateKey', fix: 'use an Ed25519 key, or RSA of 2048 bits or more' };
  if (type !== 'ssh-rsa') return { message: `Azure does not take SSH keys of the type ${type}`, ...mend };
  const bits = rsaBits(Buffer.from(base64, 'base64'));
  if (bits >= minRsaBits) return undefined;
  return { message: `the RSA key has ${bits} bits, and Azure takes ${minRsaBits} or more`, ...mend };
}

/** Size of the modulus: the third field of an ssh-rsa key (RFC 4253, 6.6), each with its length in four bytes before it. */
function rsaBits(key: Buffer): number {
  let offset = 0;
  for (let field = 0; field < 3; field += 1) {
    if (offset + 4 > key.length) return 0;
    const length = key.readUInt32BE(offset);
    if (field < 2) {
      offset += 4 + length;
      continue;
    }
    const modulus = key.subarray(offset + 4, offset + 4 + length);
    const leadingZero = modulus[0] === 0 ? 1 : 0;
    return (modulus.length - leadingZero) * 8;
  }
  return 0;
}
