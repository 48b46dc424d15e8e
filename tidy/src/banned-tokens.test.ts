import { expect, test } from 'vitest';
import { bannedTokens } from './banned-tokens.ts';
import { typescript } from './source-files.ts';

const files = typescript();
const comment = /^\s*(\*|\/\/|\/\*)/;

test('there are files to check', () => {
  expect(files.length).toBeGreaterThan(20);
});

test.each(bannedTokens.map((token) => [String(token.pattern), token] as const))(
  '%s is used nowhere it should not be',
  (_, token) => {
    const found = files
      .filter((file) => token.where?.(file.path) ?? true)
      .flatMap((file) =>
        file.text
          .split('\n')
          .flatMap((line, index) =>
            !comment.test(line) && token.pattern.test(line)
              ? [`${file.path}:${index + 1}: write ${token.instead}`]
              : [],
          ),
      );
    expect(found).toEqual([]);
  },
);
