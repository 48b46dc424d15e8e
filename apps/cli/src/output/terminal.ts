import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];
type Stream = NodeJS.WriteStream;

/** Payload: what a script would read. */
export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Progress and hints for a person, never payload. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours for a terminal; plain text elsewhere and with NO_COLOR. */
export function paint(style: Style, text: string, stream: Stream = process.stdout): string {
  return styleText(style, text, { stream, validateStream: true });
}

/**
 * Text of others made harmless for a terminal and for tables: one line, no control characters, and nothing that turns the direction of
 * writing, which would make text look like another.
 */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\n\r\t\u2028\u2029]+/g, ' ')
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}');
}
