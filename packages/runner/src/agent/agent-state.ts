import type { RunnerLeases } from '@drover/spec';

/** A run that has not been acknowledged, as far as it must be known after a restart of the agent. */
export interface JournalRun {
  readonly uuid: string;
  readonly generation: number;
  /** Indexes, with commas; empty: none. */
  readonly gpuDevices: string;
  startedAtMs: number | undefined;
  startedSequence: number | undefined;
  finishedSequence: number | undefined;
  /** The record that stands for a stored one when nothing of the run is left. */
  lostRecord: string | undefined;
}

/** Something the VM itself has to report. */
export interface Notice {
  readonly sequence: number;
  readonly text: string;
}

/** Everything that the journal says. */
export interface AgentState {
  bootId: string;
  epoch: number;
  session: number;
  leases: RunnerLeases;
  draining: boolean;
  /** Of the last event. */
  sequence: number;
  readonly runs: Map<string, JournalRun>;
  /** Highest acknowledged generation by uuid, oldest first. */
  readonly acked: Map<string, number>;
  broken: Notice | undefined;
  preempted: Notice | undefined;
}

/** What happened; one JSON array per line of the journal. */
export type JournalRecord =
  | readonly ['boot', bootId: string]
  | readonly ['hello', epoch: number, session: number, acceptMs: number, deadManMs: number]
  | readonly ['drain', on: boolean]
  | readonly ['start', uuid: string, generation: number, gpuDevices: string]
  | readonly ['started', sequence: number, uuid: string, startedAtMs: number]
  | readonly ['lost', uuid: string, record: string]
  | readonly ['finished', sequence: number, uuid: string]
  | readonly ['never-ran', uuid: string]
  | readonly ['ack', uuid: string, generation: number]
  | readonly ['broken', sequence: number, text: string]
  | readonly ['preempted', sequence: number, text: string]
  | readonly ['sequence', sequence: number];

/** How many acknowledged runs are remembered, so that an old start is refused. Fencing by session is the first guard. */
export const rememberedAcks = 4096;

export function emptyState(): AgentState {
  return {
    bootId: '',
    epoch: 0,
    session: 0,
    leases: { acceptMs: 60_000, deadManMs: 0 },
    draining: false,
    sequence: 0,
    runs: new Map(),
    acked: new Map(),
    broken: undefined,
    preempted: undefined,
  };
}

/** The only way in which the state changes, while running and when the journal is read. */
export function applyRecord(state: AgentState, record: JournalRecord): void {
  switch (record[0]) {
    case 'boot':
      state.bootId = record[1];
      // Faults and notices belong to one boot.
      state.broken = undefined;
      state.preempted = undefined;
      return;
    case 'hello':
      state.epoch = record[1];
      state.session = record[2];
      state.leases = { acceptMs: record[3], deadManMs: record[4] };
      return;
    case 'drain':
      state.draining = record[1];
      return;
    case 'broken':
    case 'preempted':
      state.sequence = record[1];
      state[record[0]] = { sequence: record[1], text: record[2] };
      return;
    case 'sequence':
      state.sequence = record[1];
      return;
    case 'ack':
      state.runs.delete(record[1]);
      rememberAck(state.acked, record[1], record[2]);
      return;
    case 'start':
    case 'started':
    case 'lost':
    case 'finished':
    case 'never-ran':
      applyRunRecord(state, record);
  }
}

type RunRecord = Extract<
  JournalRecord,
  readonly ['start' | 'started' | 'lost' | 'finished' | 'never-ran', ...unknown[]]
>;

function applyRunRecord(state: AgentState, record: RunRecord): void {
  if (record[0] === 'start') {
    state.runs.set(record[1], {
      uuid: record[1],
      generation: record[2],
      gpuDevices: record[3],
      startedAtMs: undefined,
      startedSequence: undefined,
      finishedSequence: undefined,
      lostRecord: undefined,
    });
    return;
  }
  if (record[0] === 'never-ran') {
    state.runs.delete(record[1]);
    return;
  }
  const run = state.runs.get(record[0] === 'lost' ? record[1] : record[2]);
  if (record[0] !== 'lost') state.sequence = record[1];
  if (run === undefined) return;
  if (record[0] === 'lost') run.lostRecord = record[2];
  if (record[0] === 'finished') run.finishedSequence = record[1];
  if (record[0] === 'started') {
    run.startedSequence = record[1];
    run.startedAtMs = record[3];
  }
}

function rememberAck(acked: Map<string, number>, uuid: string, generation: number): void {
  acked.delete(uuid);
  acked.set(uuid, generation);
  const [oldest] = acked.keys();
  if (acked.size > rememberedAcks && oldest !== undefined) acked.delete(oldest);
}

/** The shortest journal that leads to this state. */
export function snapshotRecords(state: AgentState): readonly JournalRecord[] {
  const records: JournalRecord[] = [
    ['boot', state.bootId],
    ['hello', state.epoch, state.session, state.leases.acceptMs, state.leases.deadManMs],
    ['drain', state.draining],
  ];
  for (const [uuid, generation] of state.acked) records.push(['ack', uuid, generation]);
  for (const run of state.runs.values()) {
    records.push(['start', run.uuid, run.generation, run.gpuDevices]);
    if (run.startedSequence !== undefined) {
      records.push(['started', run.startedSequence, run.uuid, run.startedAtMs ?? 0]);
    }
    if (run.lostRecord !== undefined) records.push(['lost', run.uuid, run.lostRecord]);
    if (run.finishedSequence !== undefined) records.push(['finished', run.finishedSequence, run.uuid]);
  }
  if (state.broken !== undefined) records.push(['broken', state.broken.sequence, state.broken.text]);
  if (state.preempted !== undefined) records.push(['preempted', state.preempted.sequence, state.preempted.text]);
  // Each of these sets the sequence; the last one says what it was.
  records.push(['sequence', state.sequence]);
  return records;
}
