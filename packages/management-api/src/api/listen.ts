import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { DroverError } from '@drover/spec';
import { isLoopback } from './access.ts';
import type { ApiApp, ApiContext } from './api-context.ts';

/** Where to listen. */
export interface ListenAddress {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
}

/** A listening API. */
export interface RunningApi {
  /** Base URL without a slash at the end, with the real port. */
  readonly url: string;
  /** Ends event and log streams, lets requests under way finish for a moment, and frees the port. */
  readonly close: () => Promise<void>;
}

/** Half-open connections of dead clients are noticed after this. */
const tcpKeepAliveMs = 30_000;

/** See `Api.listen`. */
export async function listenOn(app: ApiApp, api: ApiContext, address: ListenAddress): Promise<RunningApi> {
  const host = address.host ?? '127.0.0.1';
  if (!isLoopback(host) && !api.access.hasTokens) {
    throw new DroverError(
      'API_TOKEN_REQUIRED',
      `${host} can be reached from other machines, and no token is configured`,
      {
        fix: 'configure a token, or listen on 127.0.0.1',
      },
    );
  }
  const listener = getRequestListener(async (request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
  });
  const server = createServer(
    { keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs, noDelay: true },
    (incoming, outgoing) => {
      void listener(incoming, outgoing);
    },
  );
  const port = await bind(server, host, address.port);
  return {
    url: `http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${port}`,
    close: async () => {
      api.close();
      await closeServer(server, api);
    },
  };
}

async function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)));
    server.listen({ host: host.replace(/^\[|\]$/g, ''), port }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function bindError(error: NodeJS.ErrnoException, host: string, port: number): DroverError {
  const cause = { cause: error };
  if (error.code === 'EADDRINUSE') {
    const fix = 'stop what listens there (perhaps another dispatcher), or choose another port';
    return new DroverError('API_PORT_IN_USE', `${host}:${port} is in use`, { fix, ...cause });
  }
  const fix = 'choose an address of this machine and a port above 1023';
  return new DroverError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${error.message}`, { fix, ...cause });
}

async function closeServer(server: Server, api: ApiContext): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = api.deps.clock.timer(api.options.closeMs, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
