import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mounted: string[] = [];

/** A small file system of its own; undefined where this user may not mount one. */
export function mountDisk(size: string): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'drover-e2e-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmdirSync(path);
    return undefined;
  }
  mounted.push(path);
  return path;
}

/** Unmounts all of them; what is still open there goes when it is closed. */
export function unmountDisks(): void {
  for (const path of mounted.splice(0)) {
    execFileSync('umount', ['--lazy', path]);
    rmdirSync(path);
  }
}
