import { Worker } from 'node:worker_threads';
import { QueueUnavailableError } from '@drover/spec';
import type { EngineOptions } from './sqlite-options.ts';
import type { Transport, TransportEvents } from './transport.ts';
import { fromWire } from './wire-error.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

const runsFromSource = import.meta.url.endsWith('.ts');
const defaultWorkerUrl = new URL(runsFromSource ? './worker.ts' : './worker.js', import.meta.url);

/** Starts the engine in a worker thread. Rejects with whatever opening the database throws. */
export function workerTransport(
  options: EngineOptions,
  events: TransportEvents,
  workerUrl: URL = defaultWorkerUrl,
): Promise<Transport> {
  const worker = new Worker(workerUrl, {
    workerData: options,
    name: 'drover-queue',
    // The worker must find the other packages' sources too, however this process was told to.
    ...(runsFromSource && workerUrl === defaultWorkerUrl ? { execArgv: ['--conditions=@drover/source'] } : {}),
  });
  const closed = Promise.withResolvers<void>();
  const send = (message: ToWorker): void => worker.postMessage(message, []);
  return new Promise((resolve, reject) => {
    const transport: Transport = {
      send: (batch) => send({ type: 'batch', batch }),
      close: async () => {
        send({ type: 'close' });
        await closed.promise;
        await worker.terminate();
      },
    };
    const die = (why: Error): void => {
      reject(why);
      closed.resolve();
      events.onDeath(why);
    };
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'outcome') events.onOutcome(message.outcome);
      else if (message.type === 'opened') resolve(transport);
      else if (message.type === 'closed') closed.resolve();
      else {
        reject(fromWire(message.error));
        void worker.terminate();
      }
    });
    worker.on('error', (cause) => die(new QueueUnavailableError('the queue worker failed', { cause })));
    worker.on('exit', () => die(new QueueUnavailableError('the queue worker has ended')));
  });
}
