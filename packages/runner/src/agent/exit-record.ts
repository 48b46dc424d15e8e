import type { LogStream } from '@drover/spec';

/** How a stored log lies on the VM: in the record's own file, or in two files: a head, then a ring that starts at `tailStart`. Bytes. */
export interface StoredLog {
  readonly stream: LogStream;
  readonly sizeBytes: number;
  readonly droppedBytes: number;
  readonly tailStart: number;
  /** Where it begins in the record's file, counted from behind the record's line; undefined: it has files of its own. */
  readonly recordOffset: number | undefined;
}

/** What the helper has stored about the end of a run; one line of text, see `native/src/result.c`. */
export interface ExitRecord {
  /** Of the wait system call; undefined when the command never ran or nobody knows. */
  readonly waitStatus: number | undefined;
  readonly oom: boolean;
  readonly timedOut: boolean;
  readonly killed: boolean;
  readonly preempted: boolean;
  readonly unknown: boolean;
  readonly diskFull: boolean;
  /** An engine's cleanup may have left something to read. */
  readonly cleanedUp: boolean;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** Of the largest process, or of all where they were measured; undefined: unknown. */
  readonly peakRamBytes: number | undefined;
  readonly stdout: StoredLog;
  readonly stderr: StoredLog;
  /** Empty unless the command could not be started. */
  readonly error: string;
}

/** Undefined when the text is none of the helper's records (torn, another version). */
export function parseExitRecord(text: string): ExitRecord | undefined {
  const fields = text.split(' ');
  const [version, , status = '', flags = ''] = fields;
  const numbers = fields.slice(4, 12).map(Number);
  const [
    started = 0,
    finished = 0,
    outSize = 0,
    outDropped = 0,
    outTail = 0,
    errSize = 0,
    errDropped = 0,
    errTail = 0,
  ] = numbers;
  if ((version !== '1' && version !== '2') || numbers.length < 8 || numbers.some((n) => !Number.isSafeInteger(n)))
    return undefined;
  const waitStatus = status === '-' ? undefined : Number(status);
  if (waitStatus !== undefined && !Number.isSafeInteger(waitStatus)) return undefined;
  const outInRecord = flags.includes('O');
  const errOffset = outInRecord ? outSize : 0;
  return {
    waitStatus,
    oom: flags.includes('o'),
    timedOut: flags.includes('t'),
    killed: flags.includes('k'),
    preempted: flags.includes('p'),
    unknown: flags.includes('u'),
    diskFull: flags.includes('d'),
    cleanedUp: version === '1' || flags.includes('c'),
    startedAtMs: started,
    finishedAtMs: finished,
    peakRamBytes: peakIn(flags),
    stdout: {
      stream: 'stdout',
      sizeBytes: outSize,
      droppedBytes: outDropped,
      tailStart: outTail,
      recordOffset: outInRecord ? 0 : undefined,
    },
    stderr: {
      stream: 'stderr',
      sizeBytes: errSize,
      droppedBytes: errDropped,
      tailStart: errTail,
      recordOffset: flags.includes('E') ? errOffset : undefined,
    },
    error: fields.slice(12).join(' '),
  };
}

function peakIn(flags: string): number | undefined {
  const kibibytes = /m(\d+)/.exec(flags)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** The record of a run of which nothing is left: the VM restarted, or it could not even be set up. */
export function lostRecordText(key: string, startedAtMs: number, finishedAtMs: number, error: string): string {
  return `1 ${key} - u ${startedAtMs} ${finishedAtMs} 0 0 0 0 0 0 ${error.replaceAll(/[\r\n]/g, ' ')}`;
}
