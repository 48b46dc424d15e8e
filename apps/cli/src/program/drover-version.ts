import manifest from '../../package.json' with { type: 'json' };

/** The version in this package's manifest. */
export function droverVersion(): string {
  return manifest.version;
}
