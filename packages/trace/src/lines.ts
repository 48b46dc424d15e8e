import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ConfigError, type Problem } from '@drover/spec';

/** One line of a file, without its end. */
export interface Line {
  /** Counts from 1. */
  readonly number: number;
  readonly text: string;
  /** Nothing ends it: the file ends within it, as when its writer died. */
  readonly torn: boolean;
}

/** A line longer than this is no line of a trace: 1 MiB. */
const maxLineLength = 1024 * 1024;

/**
 * Reads a text file line by line, in batches, however large it is; one whose name ends in `.gz` is unpacked on the way.
 * @throws ConfigError TRACE_UNREADABLE, or TRACE_INVALID for a line of more than 1 MiB
 */
export async function* readLines(path: string): AsyncGenerator<readonly Line[]> {
  let rest = '';
  let number = 0;
  for await (const chunk of chunksOf(path)) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > maxLineLength) throw tooLong(path, number + parts.length + 1);
    const lines = parts.map((text): Line => {
      number += 1;
      return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text, torn: false };
    });
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [{ number: number + 1, text: rest, torn: true }];
}

async function* chunksOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  let text: Readable = file;
  if (path.endsWith('.gz')) {
    const unpacked = createGunzip();
    file.on('error', (error) => unpacked.destroy(error));
    text = file.pipe(unpacked);
  }
  text.setEncoding('utf8');
  try {
    for await (const chunk of text) yield String(chunk);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem: Problem = { code: 'TRACE_UNREADABLE', path: '', message: `cannot read ${path}: ${why}` };
    throw new ConfigError([{ ...problem, fix: 'check the path and whether the file is whole' }], { cause: error });
  } finally {
    file.destroy();
  }
}

function tooLong(file: string, line: number): ConfigError {
  const message = `the line is longer than ${maxLineLength} characters`;
  return new ConfigError([
    { code: 'TRACE_INVALID', path: '', message, fix: 'is this a trace at all?', file, line, column: 1 },
  ]);
}
