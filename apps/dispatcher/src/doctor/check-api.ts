import { createServer } from 'node:net';
import type { ConfigFile } from '../config/config-schema.ts';
import { readEndpoint } from '../read-endpoint.ts';
import { type DoctorCheck, failed, ok } from './doctor-check.ts';

const answerWithinMs = 2_000;

/** Can the API listen where it is to? A dispatcher of the same state directory that is there already is no obstacle. */
export async function checkApi(config: ConfigFile): Promise<DoctorCheck> {
  const { host, port } = config.api;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const running = await runningDispatcher(config.stateDirectory);
  if (running !== undefined) return ok('api', `a dispatcher of this state directory answers at ${running}`);
  const error = await listenOnce(host, port);
  if (error === undefined) return ok('api', port === 0 ? `${host}: a free port is taken` : `${address} is free`);
  const found = failed('api', new Error(`${address}: ${error.message}`), 'api.port');
  return { ...found, code: 'API_PORT_IN_USE', fix: 'choose another api.port, or api.host' };
}

/** Its URL, when one answers. */
async function runningDispatcher(stateDirectory: string): Promise<string | undefined> {
  const url = readEndpoint(stateDirectory)?.url;
  if (url === undefined) return undefined;
  try {
    const { ok: lives } = await fetch(new URL('/livez', url), { signal: AbortSignal.timeout(answerWithinMs) });
    return lives ? url : undefined;
  } catch {
    return undefined;
  }
}

function listenOnce(host: string, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}
