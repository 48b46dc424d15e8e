import { writeSync } from 'node:fs';
import { openSqliteQueue } from '../src/index.ts';
import { queueIn } from './temporary-queue.ts';

/** Leads the queue in the folder given, says so, and stays. */
const { state } = await openSqliteQueue(queueIn(process.argv[2] ?? ''));
await state.lead({ signal: new AbortController().signal });
writeSync(1, `leading\n`);
// Stays until it is killed, or until whoever started it is gone and its end of the pipe with it.
process.stdin.resume();
