import { expect, it } from 'vitest';
import { readableLine } from './readable-line.ts';

it.each([
  [
    '725250.500 queue {"sequence":4,"atMs":1,"uuid":"c1","kind":"locked","generation":2,"state":"Locked"}',
    '0:12:05.250  queue         locked uuid=c1 generation=2 state=Locked',
  ],
  [
    '0.000 dispatcher 12 {"type":"dispatcher-started","epoch":3}',
    '0:00:00.000  dispatcher 12 dispatcher-started epoch=3',
  ],
  ['3600000.000 host ["start","i-1","c1",2]', '1:00:00.000  host          start i-1 c1 2'],
  ['1.000 fault vm-lost', '0:00:00.001  fault         vm-lost'],
  ['1.000 world dispatcher 2: it was killed', '0:00:00.001  world         dispatcher 2: it was killed'],
  ['something else', 'something else'],
])('%s', (line, text) => expect(readableLine(line)).toBe(text));
