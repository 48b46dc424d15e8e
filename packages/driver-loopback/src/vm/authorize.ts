import { userInfo } from 'node:os';
import { timingSafeEqual } from 'node:crypto';
import type { AuthContext, ParsedKey } from 'ssh2';

/** The users that may log in. All of them are the user whom the VM's processes belong to: nobody here can become another. */
export function vmUsers(): readonly string[] {
  return ['root', userInfo().username];
}

/** Decides one authentication attempt: the authorised key alone, for a user of the VM, with a signature that verifies. */
export function authorize(attempt: AuthContext, authorized: ParsedKey, users: readonly string[]): void {
  if (attempt.method !== 'publickey' || !users.includes(attempt.username)) {
    attempt.reject(['publickey']);
    return;
  }
  const offered = attempt.key.data;
  const expected = authorized.getPublicSSH();
  const known = offered.length === expected.length && timingSafeEqual(offered, expected);
  if (!known) {
    attempt.reject(['publickey']);
    return;
  }
  // Without a signature the client only asks whether the key would do.
  if (attempt.signature === undefined) {
    attempt.accept();
    return;
  }
  // ssh2 returns an Error, which is truthy, for a signature that it cannot check; its types do not tell.
  const verdict: unknown =
    attempt.blob !== undefined && authorized.verify(attempt.blob, attempt.signature, attempt.hashAlgo);
  if (verdict === true) attempt.accept();
  else attempt.reject(['publickey']);
}
