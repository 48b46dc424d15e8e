import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request as a fake sees it, body read to its end. */
export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a fake answers. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `hang`: the request is never answered. `reset`: the connection is cut without an answer. */
export type FakeReply = FakeAnswer | 'hang' | 'reset';

export type FakeHandler = (request: FakeRequest) => FakeReply | Promise<FakeReply>;

/** PEM texts; with them the fake speaks HTTPS. */
export interface FakeTls {
  readonly key: string;
  readonly cert: string;
}

/** A fake at work on 127.0.0.1, on a port of its own. */
export interface FakeServer {
  /** Base URL without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Cuts every connection, hanging ones too. */
  close(): Promise<void>;
}

/** Serves HTTP, or HTTPS with `tls`. A handler that throws gives a 500 with its message: a fault of the fake or of the request. */
export async function serveFake(handler: FakeHandler, tls?: FakeTls): Promise<FakeServer> {
  const scheme = tls === undefined ? 'http' : 'https';
  const listener: RequestListener = (request, response) => {
    void answer(handler, scheme, request, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  // A client that a busy machine keeps waiting finds its idle connection still open.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const port = portOf(server.address());
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handler: FakeHandler,
  scheme: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
    const reply = await handler({
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? '127.0.0.1'}`),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    });
    if (reply === 'hang') return;
    if (reply === 'reset') request.socket.destroy();
    else response.writeHead(reply.status, reply.headers).end(reply.body);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');
  return address.port;
}
