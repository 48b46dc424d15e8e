import type { LineChannel } from '@drover/spec';
import { settle, SimulatedClock } from '@drover/testkit';
import { expect, test } from 'vitest';
import { LogReader } from './log-reader.ts';

const piece = { uuid: 'a', generation: 1, stream: 'stdout', offset: 0, maxBytes: 9 } as const;

/** A runner that answers every request with the same text, or never. */
function setUp(answers: boolean) {
  const clock = new SimulatedClock();
  const lines = { open: 0 };
  const open = async (): Promise<LineChannel> => {
    lines.open += 1;
    let listener: (line: string) => void = () => undefined;
    let isOpen = true;
    return {
      send: (line) => {
        const id = Number(/"id":(\d+)/.exec(line)?.[1]);
        const reply = { type: 'logs', id, offset: 0, base64: 'aGk=', end: true };
        if (answers) queueMicrotask(() => listener(JSON.stringify(reply)));
        return true;
      },
      onLine: (onLine) => {
        listener = onLine;
        return () => undefined;
      },
      onDrain: () => () => undefined,
      onClose: () => () => undefined,
      close: () => {
        if (isOpen) lines.open -= 1;
        isOpen = false;
      },
    };
  };
  return { clock, lines, reader: new LogReader({ clock, replyTimeoutMs: 30_000, open }) };
}

test('closed during a read, it ends the read and leaves no timer', async () => {
  const { clock, lines, reader } = setUp(false);
  const reading = reader.read(piece).catch(() => 'ended');
  await settle();
  reader.close();
  expect(await reading).toBe('ended');
  await settle();
  expect(lines.open).toBe(0);
  expect(clock.nextAtMs()).toBeUndefined();
});

test('a read that begins just when the idle channel closes opens another, which closes in its turn', async () => {
  const { clock, lines, reader } = setUp(true);
  await reader.read(piece);
  const again: Promise<unknown>[] = [];
  clock.timer(10_000, () => again.push(reader.read(piece)));
  await clock.advance(10_000);
  await Promise.all(again);
  expect(again).toHaveLength(1);
  expect(lines.open).toBe(1);
  await clock.advance(10_000);
  expect(lines.open).toBe(0);
  expect(clock.nextAtMs()).toBeUndefined();
});
