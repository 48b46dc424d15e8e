import type { AgentState, JournalRecord } from './agent-state.ts';
import { readFindings } from './engines/findings.ts';
import { lostRecordText, parseExitRecord } from './exit-record.ts';
import type { Outbox } from './outbox.ts';
import type { AgentPorts } from './ports.ts';
import { resultHash, toRunResult } from './run-result.ts';
import { finishedEvent, type Run } from './run.ts';

/** What the runs need from the agent around it. */
export interface RunsContext {
  readonly ports: AgentPorts;
  readonly state: AgentState;
  readonly outbox: Outbox;
  /** Journals a record, which is written before anything that is sent in the same tick. */
  record(record: JournalRecord): void;
  /** The VM is not fit for work. */
  broken(reason: string): void;
}

/** From what the helper has stored about the end of a run to the event that the dispatcher gets. */
export class RunEnds {
  readonly #context: RunsContext;
  readonly #ended: (run: Run) => void;

  constructor(context: RunsContext, ended: (run: Run) => void) {
    this.#context = context;
    this.#ended = ended;
  }

  /** Takes the stored record. The event follows at once, or when a long log has been hashed. */
  read(run: Run, text: string): void {
    const { folders } = this.#context.ports;
    const record = parseExitRecord(text);
    if (record === undefined) {
      this.lost(run, '');
      return;
    }
    const finish = (stdout: string, stderr: string): void => {
      const hashes = { stdout, stderr };
      const findings = record.cleanedUp ? readFindings(folders.cleanupOutput(run.key)) : undefined;
      if (findings?.kind === 'no-engine') this.#context.broken('its container engine does not answer');
      run.end = { record, result: toRunResult(record, hashes, findings), hash: resultHash(text, hashes) };
      this.#finish(run);
    };
    const stdout = folders.hash(run.key, record.stdout);
    const stderr = folders.hash(run.key, record.stderr);
    if (typeof stdout === 'string' && typeof stderr === 'string') {
      finish(stdout, stderr);
      return;
    }
    run.ending = true;
    void Promise.all([stdout, stderr]).then(([first, second]) => finish(first, second));
  }

  /** Nothing is left that could tell how it ended. The journal keeps what is told instead, so that its hash stays the same. */
  lost(run: Run, reason: string): void {
    const now = this.#context.ports.clock.wallMs();
    const text = lostRecordText(run.key, run.startedAtMs ?? now, now, reason);
    this.#context.record(['lost', run.uuid, text]);
    this.read(run, text);
  }

  #finish(run: Run): void {
    const { state, outbox, ports } = this.#context;
    run.state = 'finished';
    run.ending = false;
    run.request = undefined;
    if (run.end?.record.diskFull === true) this.#context.broken('the disk is full');
    // Its supervisor died before it could clean up.
    if (run.end?.record.unknown === true) ports.removeContainer(run.key);
    const earlier = state.runs.get(run.uuid)?.finishedSequence;
    const sequence = earlier ?? state.sequence + 1;
    const event = finishedEvent(run, sequence, ports.folders);
    if (earlier === undefined) {
      this.#context.record(['finished', sequence, run.uuid]);
      outbox.emit(sequence, event);
    } else {
      outbox.restore(sequence, event);
    }
    this.#ended(run);
  }
}
