import { containerLimits } from './container-options.ts';

/** A pointer of argv or envp on a 64-bit kernel. */
const pointerBytes = 8;

/** What of command and environment no kernel would start, with the path of the culprit; undefined when all is well. */
export function kernelRefusal(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly path: readonly PropertyKey[]; readonly message: string; readonly fix: string } | undefined {
  const fix = 'put large data into a file and pass its path';
  let totalBytes = 0;
  for (const [path, text] of strings(command, env)) {
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes > containerLimits.maxStringBytes) {
      const message = `${bytes.toLocaleString('en')} bytes; the kernel takes at most ${kernelMax} in one string`;
      return { path, message, fix };
    }
    totalBytes += bytes + pointerBytes;
  }
  if (totalBytes <= containerLimits.maxTotalBytes) return undefined;
  const total = totalBytes.toLocaleString('en');
  const most = containerLimits.maxTotalBytes.toLocaleString('en');
  return {
    path: ['env'],
    message: `command and environment take ${total} bytes together; the kernel takes at most ${most}`,
    fix,
  };
}

const kernelMax = containerLimits.maxStringBytes.toLocaleString('en');

function* strings(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Generator<readonly [readonly PropertyKey[], string]> {
  for (const [index, argument] of command.entries()) yield [['command', index], argument];
  for (const [key, value] of Object.entries(env)) yield [['env', key], `${key}=${value}`];
}
