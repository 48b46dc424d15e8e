import { applyRecord, type AgentState, emptyState, type JournalRecord } from './agent-state.ts';
import { isCount, isText, parseJson } from './json.ts';

/** The kinds of field after a record's name: number, text or boolean. */
const shapes: Readonly<Record<JournalRecord[0], string>> = {
  boot: 't',
  hello: 'nnnn',
  drain: 'b',
  start: 'tnt',
  started: 'ntn',
  lost: 'tt',
  finished: 'nt',
  'never-ran': 't',
  ack: 'tn',
  broken: 'nt',
  preempted: 'nt',
  sequence: 'n',
};

/** One line, with its line feed. */
export function formatRecord(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Undefined for a torn line or one of another version. */
export function parseRecord(line: string): JournalRecord | undefined {
  const json = parseJson(line);
  return isRecord(json) ? json : undefined;
}

function isRecord(json: unknown): json is JournalRecord {
  if (!Array.isArray(json)) return false;
  const [name, ...fields]: unknown[] = json;
  if (typeof name !== 'string' || !Object.hasOwn(shapes, name)) return false;
  const shape = new Map(Object.entries(shapes)).get(name) ?? '';
  return fields.length === shape.length && fields.every((field, i) => hasKind(field, shape[i]));
}

function hasKind(field: unknown, kind: string | undefined): boolean {
  if (kind === 'n') return isCount(field);
  return kind === 't' ? isText(field) : typeof field === 'boolean';
}

/** Reads a journal; lines that were torn by a crash are skipped: nothing rested on them. */
export function replayJournal(text: string): AgentState {
  const state = emptyState();
  for (const line of text.split('\n')) {
    const record = line === '' ? undefined : parseRecord(line);
    if (record !== undefined) applyRecord(state, record);
  }
  return state;
}
