import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { Engine } from './engine.ts';
import type { Envelope } from './protocol.ts';
import { type EngineOptions, maxBatchRequests } from './sqlite-options.ts';
import { toWire } from './wire-error.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** Without requests for this long, it is a quiet moment. */
const quietMs = 100;

/** Entry point of the worker thread: an engine behind a message port. */
if (parentPort !== null) serve(parentPort, workerData);

function serve(port: MessagePort, options: EngineOptions): void {
  const say = (message: FromWorker): void => port.postMessage(message);
  let engine: Engine;
  try {
    engine = new Engine(options);
  } catch (error) {
    say({ type: 'open-failed', error: toWire(error) });
    return;
  }
  say({ type: 'opened' });
  const tidySoon = (): NodeJS.Timeout => setTimeout(() => engine.tidy(), quietMs);
  let quiet = tidySoon();
  port.on('message', (first: ToWorker) => {
    clearTimeout(quiet);
    // What arrived while the last transaction was synced goes into this one.
    const { batch, isLast } = gather(port, first);
    for (let i = 0; i < batch.length; i += maxBatchRequests)
      say({ type: 'outcome', outcome: engine.run(batch.slice(i, i + maxBatchRequests)) });
    if (!isLast) {
      quiet = tidySoon();
      return;
    }
    engine.close();
    say({ type: 'closed' });
    port.close();
  });
}

function gather(port: MessagePort, first: ToWorker): { readonly batch: readonly Envelope[]; readonly isLast: boolean } {
  const batch: Envelope[] = [];
  let message: ToWorker | undefined = first;
  while (message !== undefined) {
    if (message.type === 'close') return { batch, isLast: true };
    for (const envelope of message.batch) batch.push(envelope);
    message = next(port);
  }
  return { batch, isLast: false };
}

function next(port: MessagePort): ToWorker | undefined {
  const received: { readonly message: ToWorker } | undefined = receiveMessageOnPort(port);
  return received?.message;
}
