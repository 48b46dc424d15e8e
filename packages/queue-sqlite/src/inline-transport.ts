import { Engine } from './engine.ts';
import type { EngineOptions } from './sqlite-options.ts';
import type { Transport, TransportEvents } from './transport.ts';

/** Runs the engine on the caller's thread, within `send`. @throws whatever opening the database throws */
export function inlineTransport(options: EngineOptions, events: TransportEvents): Transport {
  const engine = new Engine(options);
  return {
    send: (batch) => events.onOutcome(engine.run(batch)),
    close: () => {
      engine.close();
      return Promise.resolve();
    },
  };
}
