import manifest from '../package.json' with { type: 'json' };

/** drover's version, as `drover version` prints it. */
export const { version } = manifest;
