import { DroverError } from '@drover/spec';

/** The native helpers in `native/bin`, by what `uname -sm` prints and by what Node calls the same. */
export const helpers = [
  { uname: 'Linux x86_64', node: 'linux-x64', file: 'drover-helper-linux-x64' },
  { uname: 'Linux aarch64', node: 'linux-arm64', file: 'drover-helper-linux-arm64' },
  { uname: 'Darwin arm64', node: 'darwin-arm64', file: 'drover-helper-darwin-arm64' },
] as const;

/** A platform that VMs may have, as Node calls it. */
export type NodePlatform = (typeof helpers)[number]['node'];

/** The file for the machine that this runs on. Throws RUNNER_UNAVAILABLE when there is none. */
export function localHelperFile(): string {
  const here = `${process.platform}-${process.arch}`;
  const helper = helpers.find(({ node }) => node === here);
  if (helper !== undefined) return helper.file;
  throw new DroverError('RUNNER_UNAVAILABLE', `there is no native helper for ${here}`, {
    fix: `use one of ${helpers.map(({ node }) => node).join(', ')}`,
  });
}
