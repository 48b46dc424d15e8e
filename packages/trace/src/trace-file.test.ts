import {
  closeSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock } from '@drover/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TraceFile } from './trace-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-trace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where a link leads; nowhere, if it went meanwhile. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function open(maxBytes = 1_000_000, path = join(folder, 'below', 'trace.ndjson')) {
  const clock = new SimulatedClock();
  const errors: Error[] = [];
  const file = new TraceFile({ path, maxBytes, clock, onError: (error) => errors.push(error) }, () => '"header"\n');
  return { clock, errors, file, path, text: () => readFileSync(path, 'utf8') };
}

describe('a trace file', () => {
  it('begins with a header, is flushed every second, and is for its user alone', async () => {
    const { file, clock, path, text } = open();
    file.write('"a"\n');
    expect(text()).toBe('"header"\n');
    await clock.advance(1000);
    expect(text()).toBe('"header"\n"a"\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    file.write('"b"\n');
    file.close();
    expect(text()).toBe('"header"\n"a"\n"b"\n');
    expect(clock.nextAtMs()).toBeUndefined();
  });

  it.skipIf(process.platform !== 'linux')('ends, and nothing else does, when the file cannot even be closed', () => {
    const { file, errors, path } = open();
    const fd = readdirSync('/proc/self/fd').find((name) => targetOf(`/proc/self/fd/${name}`) === path);
    // What a network disk that has lost the file does: writing fails, and so does closing.
    closeSync(Number(fd));
    file.write('"a"\n');
    expect(() => file.flush()).not.toThrow();
    expect(errors).toHaveLength(1);
    expect(() => file.close()).not.toThrow();
  });

  it('is gone on with after a crash within a line', () => {
    const first = open();
    writeFileSync(first.path, '"header"\n"half');
    open().file.close();
    expect(first.text()).toBe('"header"\n"half\n"header"\n');
  });

  it('is bounded, and each of its files begins with a header', () => {
    const { file, path } = open(40_000);
    const line = `"${'x'.repeat(97)}"\n`;
    for (let i = 0; i < 3000; i += 1) {
      file.write(line);
      if (i % 10 === 9) file.flush();
    }
    file.close();
    const names = readdirSync(join(folder, 'below'));
    expect(names.toSorted()).toEqual(['trace.ndjson', 'trace.ndjson.1', 'trace.ndjson.2', 'trace.ndjson.3']);
    const texts = names.map((name) => readFileSync(join(path, '..', name), 'utf8'));
    expect(texts.every((text) => text.startsWith('"header"\n'))).toBe(true);
    expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(45_000);
  });

  it('that cannot be written says so once and harms nobody', () => {
    writeFileSync(join(folder, 'file'), '');
    const { file, errors } = open(1000, join(folder, 'file', 'trace.ndjson'));
    file.write('"a"\n');
    file.flush();
    file.close();
    expect(errors).toHaveLength(1);
  });
});
