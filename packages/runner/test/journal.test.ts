import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyState, snapshotRecords } from '../src/agent/agent-state.ts';
import { replayJournal } from '../src/agent/journal-format.ts';
import { Journal } from '../src/agent/journal.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/drover-journal-`);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function open(): Journal {
  return Journal.open(folder, snapshotRecords(replayJournal(Journal.read(folder))));
}

test('what is flushed is there for the next agent; what is only buffered is not', () => {
  const journal = open();
  journal.append(['drain', true]);
  journal.flush();
  journal.append(['drain', false]);
  expect(replayJournal(Journal.read(folder)).draining).toBe(true);
  journal.close();
  const next = open();
  expect(replayJournal(Journal.read(folder)).draining).toBe(true);
  next.close();
});

test('many records become durable with one flush', async () => {
  const journal = open();
  const durable = Array.from({ length: 100 }, async (_, n) => {
    journal.append(['start', `u${n}`, 1, '']);
    await journal.durable();
  });
  journal.flush();
  await Promise.all(durable);
  expect(replayJournal(Journal.read(folder)).runs.size).toBe(100);
  journal.close();
});

test('a line torn by a crash does not spoil what comes after', () => {
  open().close();
  appendFileSync(`${folder}/journal`, '["drain",tr');
  const journal = open();
  journal.append(['drain', true]);
  journal.flush();
  expect(replayJournal(Journal.read(folder)).draining).toBe(true);
  journal.close();
});

test('room is made ahead, where no reader sees it: what follows does not make the file longer', () => {
  const journal = open();
  journal.append(['drain', true]);
  journal.flush();
  const { size } = statSync(`${folder}/journal`);
  expect(size).toBeGreaterThan(60_000);
  for (let n = 0; n < 100; n++) {
    journal.append(['ack', `u${n}`, 1]);
    journal.flush();
  }
  expect(statSync(`${folder}/journal`).size).toBe(size);
  expect(Journal.read(folder)).not.toContain('\0');
  expect(replayJournal(Journal.read(folder)).acked.size).toBe(100);
  // More than there is room for.
  for (let n = 0; n < 3_000; n++) journal.append(['preempted', n, 'x'.repeat(30)]);
  journal.append(['drain', false]);
  journal.flush();
  journal.append(['sequence', 77]);
  journal.flush();
  expect(replayJournal(Journal.read(folder))).toMatchObject({ draining: false, sequence: 77 });
  journal.close();
});

test('without room for a second copy it goes on behind the last whole line', () => {
  open().close();
  appendFileSync(`${folder}/journal`, '["ack","u1",1]\n["drain",tr');
  // What makes a second copy fail here.
  symlinkSync(`${folder}/missing/journal`, `${folder}/journal.new`);
  const journal = open();
  journal.append(['ack', 'u2', 1]);
  journal.flush();
  expect([...replayJournal(Journal.read(folder)).acked.keys()]).toEqual(['u1', 'u2']);
  journal.close();
});

test('a long journal is rewritten in its shortest form, also with a sync under way', async () => {
  const journal = open();
  for (let n = 0; n < 30_000; n++) journal.append(['preempted', n, 'x'.repeat(30)]);
  const durable = journal.durable();
  journal.flush();
  expect(journal.isLong).toBe(true);
  const state = { ...emptyState(), sequence: 7 };
  journal.compact(snapshotRecords(state));
  expect(journal.isLong).toBe(false);
  expect(Journal.read(folder).length).toBeLessThan(500);
  expect(statSync(`${folder}/journal`).size).toBeLessThan(500);
  await durable;
  journal.append(['drain', true]);
  journal.flush();
  expect(replayJournal(Journal.read(folder))).toMatchObject({ sequence: 7, draining: true });
  journal.close();
});

test('there is a reserve for a full disk, and nobody else can read the journal', () => {
  open().close();
  expect(existsSync(`${folder}/reserve`)).toBe(true);
  expect(readFileSync(`${folder}/reserve`).length).toBe(1 << 20);
  expect(statSync(`${folder}/journal`).mode & 0o777).toBe(0o600);
});
