/** Builds the native helper for every platform, reproducibly, with the pinned zig compiler from PyPI. See native-build.ts. */
import { writeFileSync } from 'node:fs';
import { buildHelpers, helperFolder, sha256File } from './native-build.ts';

const built = buildHelpers(helperFolder);
const lines = built.map((name) => `${sha256File(`${helperFolder}/${name}`)}  ${name}\n`);
writeFileSync(`${helperFolder}/SHA256SUMS`, lines.join(''));
process.stdout.write(lines.join(''));
