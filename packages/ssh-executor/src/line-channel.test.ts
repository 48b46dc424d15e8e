import { ConnectError } from '@drover/spec';
import { settle } from '@drover/testkit';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { StreamLineChannel } from './line-channel.ts';

/** A stream that records writes and takes them only when told to. */
class FakeStream extends Duplex {
  readonly writes: string[] = [];
  readonly #taken: (() => void)[] = [];
  stuck = false;

  constructor() {
    super({ decodeStrings: true });
  }

  override _read(): void {
    // Lines come by push.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString('utf8'));
    if (this.stuck) this.#taken.push(done);
    else done();
  }

  finishWrite(): void {
    this.#taken.shift()?.();
  }
}

function makeChannel(bounds: { readonly high?: number; readonly limit?: number; readonly maxLine?: number } = {}) {
  const stream = new FakeStream();
  const ends: string[] = [];
  const channel = new StreamLineChannel({
    stream,
    where: 'vm',
    maxLineBytes: bounds.maxLine ?? 1000,
    sendHighWaterBytes: bounds.high ?? 1000,
    sendLimitBytes: bounds.limit ?? 10_000,
    end: () => ends.push('ended'),
    explainEnd: () => new ConnectError('vm: the peer closed the channel'),
    onFirstBytes: () => ends.push('first bytes'),
  });
  return { stream, channel, ends };
}

async function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('lines of one turn go out in one write, a lone line at once', async () => {
  const { stream, channel } = makeChannel();
  for (const line of ['a', 'b']) channel.send(line);
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
  expect([stream.writes, channel.sending]).toEqual([[], true]);
  channel.send('c');
  await endOfTurn();
  expect([stream.writes, channel.sending]).toEqual([['a\nb\nc\n'], false]);
  channel.send('d');
  await endOfTurn();
  expect(stream.writes).toEqual(['a\nb\nc\n', 'd\n']);
});

test('a line break inside a line is refused: it would be two lines', () => {
  expect(() => makeChannel().channel.send('a\nb')).toThrow(TypeError);
});

test('send says false from the high-water mark until onDrain; nothing is lost', async () => {
  const { stream, channel } = makeChannel({ high: 10 });
  let drains = 0;
  channel.onDrain(() => {
    drains += 1;
  });
  stream.stuck = true;
  expect(channel.send('1234')).toBe(true);
  await settle();
  expect(channel.send('5678')).toBe(false);
  expect(channel.send('9')).toBe(false);
  await settle();
  expect([stream.writes, drains]).toEqual([['1234\n'], 0]);
  stream.stuck = false;
  stream.finishWrite();
  await settle();
  expect([stream.writes, drains]).toEqual([['1234\n', '5678\n9\n'], 1]);
  expect(channel.send('x')).toBe(true);
});

test('bytes count, not characters', () => {
  expect(makeChannel({ high: 10 }).channel.send('🚚🚚')).toBe(true);
  expect(makeChannel({ high: 9 }).channel.send('🚚🚚')).toBe(false);
});

test('a sender that does not stop is stopped: the channel closes at the limit', () => {
  const { stream, channel, ends } = makeChannel({ high: 10, limit: 50 });
  const closes: (Error | undefined)[] = [];
  channel.onClose((error) => closes.push(error));
  stream.stuck = true;
  expect(() => {
    for (let i = 0; i < 20; i += 1) channel.send('12345');
  }).toThrow('wait to be sent');
  expect([closes.length, closes[0] instanceof ConnectError, ends]).toEqual([1, true, ['ended']]);
});

test('what was sent just before close goes out; what comes in after it is not delivered', async () => {
  const { stream, channel } = makeChannel();
  const lines: string[] = [];
  channel.onLine((line) => lines.push(line));
  await settle();
  channel.send('bye');
  channel.close();
  stream.push('late\n');
  await settle();
  expect([stream.writes, lines]).toEqual([['bye\n'], []]);
});

test('nothing is read before somebody listens, so that no line is lost', async () => {
  const { stream, channel, ends } = makeChannel();
  stream.push('early\n');
  await settle();
  expect(ends).toEqual([]);
  const lines: string[] = [];
  channel.onLine((line) => lines.push(line));
  expect(lines).toEqual([]);
  await settle();
  expect([lines, ends]).toEqual([['early'], ['first bytes']]);
});

test('a listener that closes the channel gets no further line of the same chunk', async () => {
  const { stream, channel } = makeChannel();
  const lines: string[] = [];
  channel.onLine((line) => {
    lines.push(line);
    channel.close();
  });
  stream.push('one\ntwo\n');
  await settle();
  expect(lines).toEqual(['one']);
});

test('onClose is called once, whatever happens after', async () => {
  const { stream, channel, ends } = makeChannel({ maxLine: 3 });
  const closes: (Error | undefined)[] = [];
  channel.onClose((error) => closes.push(error));
  stream.push('12345');
  await settle();
  stream.emit('error', new Error('again'));
  stream.emit('close');
  channel.close();
  channel.fail(new Error('and again'));
  expect(closes).toHaveLength(1);
  expect(closes[0]?.message).toContain('longer than 3 bytes');
  expect(ends).toEqual(['first bytes', 'ended']);
});

test('a listener that has left is not called', async () => {
  const { stream, channel } = makeChannel();
  const calls: string[] = [];
  const leave = channel.onLine((line) => calls.push(line));
  channel.onClose(() => calls.push('closed'))();
  leave();
  stream.push('line\n');
  await settle();
  channel.close();
  expect(calls).toEqual([]);
});
