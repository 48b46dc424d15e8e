import { execFile } from 'node:child_process';
import { access, constants, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where OpenSSH's server is, or why there is none. */
export type FoundSshd = { readonly path: string } | { readonly missing: string };

/**
 * Finds sshd; on a Debian-like system, as root, installs it when it is missing (once, whatever the number of test
 * files: a lock file sees to that).
 */
export async function findSshd(): Promise<FoundSshd> {
  const found = (await sshdPath()) ?? (await install());
  if (typeof found !== 'string') return found;
  // Privilege separation needs it; the package makes it only when its service starts.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  return { path: found };
}

async function sshdPath(): Promise<string | undefined> {
  for (const folder of ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/sbin']) {
    const path = join(folder, 'sshd');
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function install(): Promise<string | FoundSshd> {
  if (process.getuid?.() !== 0) return { missing: 'sshd is not installed, and only root can install it' };
  if (!(await isExecutable('/usr/bin/apt-get'))) return { missing: 'sshd is not installed, and there is no apt-get' };
  const script = 'command -v sshd || (apt-get update -qq && apt-get install -y -qq openssh-server)';
  try {
    await execute('flock', [join(tmpdir(), 'drover-sshd-install.lock'), 'sh', '-c', script], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 180_000,
    });
  } catch (error) {
    return { missing: `sshd is not installed, and apt-get cannot install it: ${String(error)}` };
  }
  return (await sshdPath()) ?? { missing: 'sshd is not there even after its installation' };
}
