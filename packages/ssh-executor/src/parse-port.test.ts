import { expect, test } from 'vitest';
import { parsePort, parseServices } from './parse-port.ts';

test.each([
  [22, 22],
  ['22', 22],
  [' 2222 ', 2222],
  ['ssh', 22],
  ['https', 443],
  [65_535, 65_535],
  [0, undefined],
  [65_536, undefined],
  ['-1', undefined],
  ['22.5', undefined],
  [22.5, undefined],
  [Number.NaN, undefined],
  ['', undefined],
  ['nosuch', undefined],
])('port %j is %s', (port, expected) => {
  expect(parsePort(port)).toBe(expected);
});

test('services come from a table, the well-known ones even when it lacks them', () => {
  const table = parseServices('# local\nssh-alt 2222/tcp altssh # ours\nssh-alt 2223/tcp\nntp 123/udp\nbad line\n');
  expect([...table]).toEqual([
    ['ssh-alt', 2222],
    ['altssh', 2222],
  ]);
  expect(['ssh-alt', 'altssh', 'ssh', 'ntp'].map((name) => parsePort(name, table))).toEqual([
    2222,
    2222,
    22,
    undefined,
  ]);
});
