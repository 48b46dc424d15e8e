import { expect, test } from 'vitest';
import { parseRequest } from './requests.ts';

const start = {
  type: 'start',
  id: 7,
  uuid: 'zzzzz-dz642-000000000000001',
  generation: 2,
  container: { command: ['a', 'b'], env: { A: '1' }, cwd: '/', image: 'img' },
  limits: { maxRunTimeMs: 1, memoryBytes: 2, vcpus: 0.5, maxLogBytes: 3, killGraceMs: 4 },
  gpuDevices: [0, 1],
  gatewaySecret: 's',
};

const good = [
  { type: 'hello', id: 1, version: 1, epoch: 2, session: 3, afterSequence: 4, leases: { acceptMs: 5, deadManMs: 6 } },
  start,
  { ...start, container: { command: ['a'], env: {} } },
  { type: 'kill', id: 2, uuid: 'a', generation: 0 },
  { type: 'ack', id: 3, uuid: 'a', generation: 0, hash: 'f' },
  { type: 'list', id: 4 },
  { type: 'renew', id: 5 },
  { type: 'drain', id: 6, on: false },
  { type: 'logs', id: 7, uuid: 'a', generation: 1, stream: 'stderr', offset: 0, maxBytes: 9 },
];

test.each(good)('a request is read as it is: $type', (request) => {
  expect(parseRequest(JSON.stringify(request))).toEqual({ ok: true, request });
});

test('unknown fields are left out', () => {
  expect(parseRequest('{"type":"list","id":1,"more":2}')).toEqual({ ok: true, request: { type: 'list', id: 1 } });
});

const bad: readonly (readonly [string, unknown, string])[] = [
  ['no object', [1], 'object'],
  ['no id', { type: 'list' }, 'id'],
  ['negative id', { type: 'list', id: -1 }, 'id'],
  ['unknown type', { type: 'x', id: 1 }, 'unknown request type'],
  ['hello without leases', { type: 'hello', id: 1, version: 1, epoch: 1, session: 1, afterSequence: 0 }, 'leases'],
  ['hello with a text for a number', { ...good[0], epoch: '2' }, 'whole numbers'],
  ['uuid with a path', { ...start, uuid: '../x' }, 'uuid'],
  ['uuid with a dot', { ...start, uuid: 'a.1' }, 'uuid'],
  ['fraction of a generation', { ...start, generation: 1.5 }, 'generation'],
  ['empty command', { ...start, container: { command: [], env: {} } }, 'command'],
  ['NUL in the command', { ...start, container: { command: ['a\0b'], env: {} } }, 'command'],
  ['= in a name', { ...start, container: { command: ['a'], env: { 'A=B': '1' } } }, 'env'],
  ['NUL in a value', { ...start, container: { command: ['a'], env: { A: '\0' } } }, 'env'],
  ['number as cwd', { ...start, container: { command: ['a'], env: {}, cwd: 1 } }, 'cwd'],
  ['negative limit', { ...start, limits: { ...start.limits, memoryBytes: -1 } }, 'limits'],
  ['no vcpus', { ...start, limits: { ...start.limits, vcpus: null } }, 'limits'],
  ['GPU by name', { ...start, gpuDevices: ['0'] }, 'gpuDevices'],
  ['no secret', { ...start, gatewaySecret: undefined }, 'gatewaySecret'],
  ['unknown stream', { ...good[8], stream: 'stdin' }, 'stream'],
  ['ack without hash', { type: 'ack', id: 1, uuid: 'a', generation: 1 }, 'hash'],
  ['drain without on', { type: 'drain', id: 1 }, 'drain'],
];

test.each(bad)('refused with a reason: %s', (_name, request, reason) => {
  const parsed = parseRequest(JSON.stringify(request));
  expect(parsed).toMatchObject({ ok: false });
  expect(!parsed.ok && parsed.message).toContain(reason);
});

test('what is no JSON at all is refused with id 0', () => {
  expect(parseRequest('{')).toMatchObject({ ok: false, id: 0 });
});
