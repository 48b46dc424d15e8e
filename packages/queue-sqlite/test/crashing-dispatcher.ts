import { writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { SimulatedClock } from '@drover/testkit';
import { containerSpec, runResult } from '@drover/testkit/conformance';
import { openSqliteQueue } from '../src/index.ts';
import { queueIn } from './temporary-queue.ts';

/**
 * Works on a queue until it is killed, several containers at once, and writes a line to stdout for each thing that was
 * acknowledged, only after it was. Arguments: folder, `worker` or `inline`.
 */
const [folder = '', mode = 'worker'] = process.argv.slice(2);
const options = { signal: new AbortController().signal };
const random = { next: Math.random, hex: (bytes: number) => randomBytes(bytes).toString('hex') };
const { queue, store, state } = await openSqliteQueue(
  queueIn(folder, { inline: mode === 'inline', random, clock: new SimulatedClock() }),
);

const tell = (...words: (string | number)[]): void => {
  writeSync(1, `${words.join(' ')}\n`);
};

tell('epoch', (await state.lead(options)).epoch);
await Promise.all([0, 1, 2, 3, 4].map((lane) => work(lane)));

async function work(lane: number): Promise<void> {
  for (let round = 0; ; round += 1) {
    const [uuid = ''] = await store.submit([containerSpec({ name: `${lane}-${round}` })], options);
    tell('submitted', uuid);
    await queue.lock(uuid, 0, options);
    tell('locked', uuid);
    const record = { instanceId: 'i-1', instanceType: 't', pricePerHour: 1, startedAtMs: 1 };
    await queue.started(uuid, 1, record, options);
    tell('started', uuid);
    const bytes = Buffer.alloc(lane % 2 === 0 ? 100 : 6000, String(lane));
    await queue.appendLog(uuid, 1, { stream: 'stdout', offset: 0, bytes }, options);
    tell('logged', uuid, bytes.length);
    const end = { stream: 'stdout', offset: bytes.length, bytes: Buffer.from(String(lane)) } as const;
    await queue.finished(uuid, 1, runResult(), [end], options);
    tell('finished', uuid, bytes.length + 1);
  }
}
