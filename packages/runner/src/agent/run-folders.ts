import { closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import type { LogStream } from '@drover/spec';
import type { StoredLog } from './exit-record.ts';
import type { RunFoldersPort } from './ports.ts';
import { sha256 } from './run-result.ts';
import { hashLog, readLog, readRecordLogs } from './stored-logs.ts';

/** What an engine's cleanup prints is short; more is not read. */
const cleanupOutputBytes = 4096;

/** The folders that the shims write: `<state>/runs/<uuid>.<generation>/{control,exit,stdout,stderr,…}`. */
export function openRunFolders(stateFolder: string): RunFoldersPort {
  const runs = `${stateFolder}/runs`;
  // Of the run that was read last: hash and event both need its short logs, one after the other.
  let latest: { readonly key: string; readonly logs: Buffer } = { key: '', logs: Buffer.alloc(0) };
  const shortLog = (key: string, { recordOffset = 0, sizeBytes }: StoredLog): Buffer => {
    if (latest.key !== key) latest = { key, logs: readRecordLogs(`${runs}/${key}`) };
    return latest.logs.subarray(recordOffset, recordOffset + sizeBytes);
  };
  return {
    list: () => readdirSync(runs),
    order: (key, letter) => writeControl(`${runs}/${key}/control`, letter),
    hash: (key, log) => {
      if (log.recordOffset === undefined) return hashLog(`${runs}/${key}`, log);
      return log.sizeBytes === 0 ? '' : sha256(shortLog(key, log));
    },
    read: (key, stream: LogStream, log: StoredLog | undefined, offset, maxBytes) => {
      if (log?.recordOffset === undefined) return readLog(`${runs}/${key}`, stream, log, offset, maxBytes);
      const bytes = log.sizeBytes === 0 ? Buffer.alloc(0) : shortLog(key, log).subarray(offset, offset + maxBytes);
      return { bytes, end: offset + maxBytes >= log.sizeBytes };
    },
    cleanupOutput: (key) => readShort(`${runs}/${key}/after`),
  };
}

/** A FIFO that nobody reads refuses to open (ENXIO): then the shim is gone, and no signal goes astray. */
function writeControl(path: string, letter: string): boolean {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(fd, letter);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch {
    return false;
  }
}

function readShort(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, cleanupOutputBytes);
  } catch {
    return '';
  }
}

/** A run's name on this VM, and that of its folder. */
export function runKey(uuid: string, generation: number): string {
  return `${uuid}.${generation}`;
}

/** Undefined for a name that is no run's. */
export function parseRunKey(key: string): { readonly uuid: string; readonly generation: number } | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.(\d{1,15})$/.exec(key);
  const [, uuid, generation] = match ?? [];
  return uuid === undefined || generation === undefined ? undefined : { uuid, generation: Number(generation) };
}
