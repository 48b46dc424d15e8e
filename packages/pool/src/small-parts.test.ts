import type { CreateIntent, InstanceType, Offering, RunResult } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import { judgeResult } from './black-hole.ts';
import { chooseOffering } from './choose-offering.ts';
import { troubleMet, troubleNow, troubleOver } from './cloud-trouble.ts';
import { GoodRuns } from './good-runs.ts';
import { equalInConstantTime } from './host-identity.ts';
import { IntentBook } from './intent-book.ts';
import { defaultPoolOptions, poolOptions } from './pool-options.ts';
import { parseRunnerMessage, parseRunnerStatus } from './runner-messages.ts';
import { newInstanceTags, taggedBehavior } from './tags.ts';

describe('options', () => {
  test.each([
    { given: { probeIntervalMs: 0 }, expected: { probeIntervalMs: defaultPoolOptions.probeIntervalMs } },
    { given: { timeoutIdleMs: -1 }, expected: { timeoutIdleMs: defaultPoolOptions.timeoutIdleMs } },
    { given: { timeoutIdleMs: 5 }, expected: { timeoutIdleMs: 5 } },
    { given: { maxProbesPerSecond: 0 }, expected: { maxProbesPerSecond: 10 } },
    { given: {}, expected: { maxProbesPerSecond: 100, maxInstances: 64, maxConcurrentCreates: 10, sshPort: 22 } },
    { given: { maxInstances: 0 }, expected: { maxInstances: 0 } },
    { given: { bootProbeCommand: '' }, expected: { bootProbeCommand: 'true' } },
  ])('$given', ({ given, expected }) => {
    expect(poolOptions({ instanceSetId: 's', instanceTypes: [], ...given })).toMatchObject(expected);
  });
});

describe('tags', () => {
  const options = { tagKeyPrefix: 'X', instanceSetId: 's', resourceTags: { team: 'a', InstanceSetID: 'not this' } };

  test('of a new VM: all of them, and the pool wins', () => {
    expect(newInstanceTags(options, 'small', 'secret')).toEqual({
      Xteam: 'a',
      XInstanceSetID: 's',
      XInstanceType: 'small',
      XIdleBehavior: 'run',
      XInstanceSecret: 'secret',
    });
  });

  test.each([
    { value: 'hold', behavior: 'hold' },
    { value: 'drain', behavior: 'drain' },
    { value: 'nonsense', behavior: 'run' },
  ])('behavior "$value" means $behavior', ({ value, behavior }) => {
    const instance = {
      id: 'i',
      providerType: 'p',
      lifecycle: 'running',
      address: '',
      tags: { XIdleBehavior: value },
    } as const;
    expect(taggedBehavior(options, instance)).toBe(behavior);
  });
});

describe('what the end of a run says about its VM', () => {
  const base: RunResult = {
    oom: false,
    timedOut: false,
    killed: false,
    preempted: false,
    unknown: false,
    startedAtMs: 0,
    finishedAtMs: 1_000,
    logs: [],
  };
  test.each([
    { name: 'success', result: { exitCode: 0 }, verdict: 'speaks-for-it' },
    { name: 'an exit code of its own', result: { exitCode: 1 }, verdict: 'speaks-for-it' },
    { name: 'a start error', result: { startError: 'no disk' }, verdict: 'speaks-against-it' },
    { name: 'an unknown end, soon', result: { unknown: true }, verdict: 'speaks-against-it' },
    { name: 'an unknown end, late', result: { unknown: true, finishedAtMs: 9_000 }, verdict: 'says-nothing' },
    { name: 'a signal from nowhere, soon', result: { signal: 'SIGKILL' }, verdict: 'speaks-against-it' },
    { name: 'a kill on request', result: { signal: 'SIGTERM', killed: true }, verdict: 'says-nothing' },
    { name: 'out of memory', result: { signal: 'SIGKILL', oom: true }, verdict: 'says-nothing' },
    { name: 'preemption', result: { signal: 'SIGTERM', preempted: true }, verdict: 'says-nothing' },
  ])('$name $verdict', ({ result, verdict }) => {
    expect(judgeResult({ ...base, ...result }, 5_000)).toBe(verdict);
  });

  test('others do better only when another VM did, since then', () => {
    const runs = new GoodRuns();
    runs.add('a', 10);
    expect([runs.elsewhere('a', 0), runs.elsewhere('b', 5), runs.elsewhere('b', 11)]).toEqual([false, true, false]);
    runs.add('b', 20);
    runs.add('b', 30);
    expect(runs.elsewhere('b', 5), 'many on one VM do not hide the other').toBe(true);
  });
});

describe('intents', () => {
  const intent: CreateIntent = {
    createId: 'c',
    instanceType: 'small',
    offeringId: 'o',
    count: 2,
    secrets: ['s1', 's2'],
    createdAtMs: 0,
  };

  test('stay until each VM is listed or certainly was not made', () => {
    const book = new IntentBook();
    book.begin(intent);
    book.listed(new Set(), 1e9, 60);
    expect(book.takeResolved(), 'the call still runs').toEqual([]);
    book.failed('c', 's1');
    book.settled('c', ['s2'], 1_000);
    expect(book.doubtful).toBe(1);
    book.listed(new Set(), 1_119, 60);
    expect([book.doubtful, book.takeResolved()]).toEqual([1, []]);
    book.listed(new Set(['s2']), 1_119, 60);
    expect([book.doubtful, book.takeResolved()]).toEqual([0, ['c']]);
  });

  test('of a former dispatcher are in doubt until long enough after the start', () => {
    const book = new IntentBook();
    book.recover(intent, 0);
    expect(book.doubtful).toBe(2);
    book.listed(new Set(['s1']), 10, 60);
    expect(book.doubtful).toBe(1);
    book.listed(new Set(), 120, 60);
    expect(book.takeResolved()).toEqual(['c']);
  });
});

test('troubles: the wait doubles up to ten times the first, and ends with a success', () => {
  const error = new Error('no');
  let troubles = troubleMet(new Map(), '', error, 0, 60);
  expect(troubleNow(troubles, 'small', 59)?.untilMs).toBe(60);
  expect(troubleNow(troubles, 'small', 60)).toBeUndefined();
  for (let i = 0; i < 9; i += 1) troubles = troubleMet(troubles, '', error, 0, 60);
  expect(troubleNow(troubles, 'small', 0)?.untilMs).toBe(600);
  troubles = troubleMet(troubles, 'small', error, 0, 60);
  expect(
    troubleNow(troubleOver(troubles, 'large'), 'small', 0),
    'another type proves the credentials only',
  ).toBeDefined();
  expect(troubleNow(troubleOver(troubles, 'small'), 'small', 0)).toBeUndefined();
});

test('the cheapest offering that is available, the first by id among equals', () => {
  const type: InstanceType = {
    name: 't',
    providerType: 't',
    vcpus: 1,
    ramBytes: 1,
    scratchBytes: 0,
    includedScratchBytes: 0,
    addedScratchBytes: 0,
    pricePerHour: 1,
    preemptible: false,
  };
  const offering = (id: string, pricePerHour: number): Offering => ({
    id,
    instanceType: 't',
    zone: id,
    preemptible: false,
    pricePerHour,
  });
  const all = [offering('c', 1), offering('b', 1), offering('a', 2)];
  const pick = (closed: readonly string[]) =>
    chooseOffering(type, {
      instanceSet: { offerings: () => all },
      gates: { unavailableUntilMs: (subject) => (closed.includes(subject.offering.id) ? 1 : undefined) },
    })?.id;
  expect([pick([]), pick(['b']), pick(['b', 'c']), pick(['a', 'b', 'c'])]).toEqual(['b', 'c', 'a', undefined]);
});

test.each([
  { text: 'secret', equal: true },
  { text: 'secreT', equal: false },
  { text: 'secret!', equal: false },
  { text: 'secre', equal: false },
  { text: '', equal: false },
])('"$text" is the secret: $equal', ({ text, equal }) => {
  expect(equalInConstantTime(text, 'secret')).toBe(equal);
});

describe('messages of a runner', () => {
  const status = { sequence: 1, bootId: 'b', containers: [], draining: false, version: '1' };
  test.each([
    { line: { type: 'ok', id: 1 }, valid: true },
    { line: { type: 'refused', id: 1, code: 'older-generation', message: 'm' }, valid: true },
    { line: { type: 'refused', id: 1, code: 'whatever', message: 'm' }, valid: false },
    { line: { type: 'status', id: 1, status }, valid: true },
    { line: { type: 'status', id: 1, status: { ...status, containers: [{ uuid: 'u' }] } }, valid: false },
    { line: { type: 'started', sequence: 1, uuid: 'u', generation: 1, startedAtMs: 1 }, valid: true },
    { line: { type: 'started', sequence: -1, uuid: 'u', generation: 1, startedAtMs: 1 }, valid: false },
    {
      line: { type: 'finished', sequence: 1, uuid: 'u', generation: 1, result: {}, hash: 'h', logs: [] },
      valid: false,
    },
    { line: { type: 'preempted', sequence: 1, detail: 'd' }, valid: true },
    { line: { type: 'ok' }, valid: false },
    { line: [], valid: false },
    { line: 7, valid: false },
  ])('$line is one: $valid', ({ line, valid }) => {
    expect(parseRunnerMessage(JSON.stringify(line)) !== undefined).toBe(valid);
  });

  test('anything else is none', () => {
    expect([parseRunnerMessage('{'), parseRunnerMessage('null'), parseRunnerStatus('')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(parseRunnerStatus(` ${JSON.stringify(status)}\n`)).toEqual(status);
  });
});
