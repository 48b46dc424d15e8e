import { errorCodes } from '@drover/spec';
import { expect, test } from 'vitest';
import { errorPagePath, renderErrorPage } from './error-page.ts';
import { sourceFiles, typescript } from './source-files.ts';

test('the page of error codes is current (npm run docs)', () => {
  expect(sourceFiles([errorPagePath])[0]?.text).toBe(renderErrorPage());
});

test('every error code is used somewhere', () => {
  const code = typescript()
    .filter((file) => !file.path.endsWith('error-codes.ts'))
    .map((file) => file.text)
    .join('\n');
  expect(Object.keys(errorCodes).filter((name) => !code.includes(`'${name}'`))).toEqual([]);
});
