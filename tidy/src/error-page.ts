import { writeFileSync } from 'node:fs';
import { errorCodes } from '@drover/spec';
import { root } from './source-files.ts';

/** Where the page lies, from the top of the repository. */
export const errorPagePath = 'docs/errors.md';

/** The page of all error codes. */
export function renderErrorPage(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return [
    '# Errors',
    '',
    'Every error of drover says what happened, why, how to mend it, and ends with one of these codes. A code never changes',
    'its meaning. `drover explain CODE` prints the same text. This page is made by `npm run docs`.',
    '',
    '| code | meaning |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(root + errorPagePath, renderErrorPage());
