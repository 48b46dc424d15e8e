/** Facts that say nothing to a person who reads a history. */
const silent: ReadonlySet<string> = new Set(['sequence', 'atMs', 'type', 'kind', 'spec']);

/** A line of a run's history for people: `0:12:05.250  queue         locked  uuid=… generation=2`. */
export function readableLine(line: string): string {
  const match = /^(\d+\.\d+) (dispatcher \d+|\S+) (.*)$/.exec(line);
  const [, seconds, source, text] = match ?? [];
  if (seconds === undefined || source === undefined || text === undefined) return line;
  return `${clockTime(Number(seconds))}  ${source.padEnd(14)}${words(readJson(text))}`;
}

function words(value: unknown): string {
  if (Array.isArray(value)) return value.map(inline).join(' ');
  if (typeof value !== 'object' || value === null) return inline(value);
  const facts = new Map<string, unknown>(Object.entries(value));
  const what = facts.get('type') ?? facts.get('kind');
  const rest = [...facts].filter(([key]) => !silent.has(key)).map(([key, fact]) => `${key}=${inline(fact)}`);
  return [...(what === undefined ? [] : [inline(what)]), ...rest].join(' ');
}

function inline(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Hours, minutes, seconds since the beginning. */
export function clockTime(ms: number): string {
  const pad = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  const seconds = ms / 1000;
  return `${pad(seconds / 3600, 1)}:${pad((seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}.${pad(ms % 1000, 3)}`;
}
