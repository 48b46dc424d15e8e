import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../src/index.ts';
import { token } from './dispatcher-double.ts';
import { codeOf, Servers } from './servers.ts';

let servers: Servers;
beforeEach(() => {
  servers = new Servers();
});
afterEach(async () => servers.close());

describe('listening', () => {
  it('is on this machine alone unless told otherwise', async () => {
    expect((await servers.listen()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('says clearly that the port is in use', async () => {
    const port = Number(new URL((await servers.listen()).url).port);
    const error = await createApi(servers.dispatcher.deps())
      .listen({ port })
      .catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code: 'API_PORT_IN_USE', message: `127.0.0.1:${port} is in use` });
  });

  it.each(['0.0.0.0', '::', '10.1.2.3', 'example.org'])('refuses %s without a token', async (host) => {
    const api = createApi(servers.dispatcher.deps({ tokens: [] }));
    expect(await codeOf(api.listen({ host, port: 0 }))).toBe('API_TOKEN_REQUIRED');
  });

  it('says that an address is not its own', async () => {
    expect(await codeOf(createApi(servers.dispatcher.deps()).listen({ host: '192.0.2.1', port: 0 }))).toBe(
      'CONFIG_INVALID',
    );
  });

  it('ends streams and frees the port when it closes', async () => {
    const api = await servers.listen();
    const response = await fetch(`${api.url}/v1/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    await api.close();
    expect(await response.text()).toContain('event: closing');
    await servers.listen({}, Number(new URL(api.url).port));
  });

  it('answers a body that is too large, declared or not, without taking it in', async () => {
    const api = await servers.listen({ options: { maxBodyBytes: 1_000 } });
    const headers = { authorization: `Bearer ${token}` };
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const path = `${api.url}/v1/containers`;
    const declared = await fetch(path, { method: 'POST', headers, body: 'x'.repeat(10_000_000) });
    const undeclared = await fetch(path, { method: 'POST', headers, body: endless, duplex: 'half' });
    expect([declared.status, undeclared.status]).toEqual([413, 413]);
    expect(pieces).toBeLessThan(1_000);
  });

  it('survives clients that talk nonsense or go away', async () => {
    const api = await servers.listen();
    const port = Number(new URL(api.url).port);
    const nonsense = connect(port, '127.0.0.1').resume();
    nonsense.end('NONSENSE\r\n\r\n');
    await once(nonsense, 'close');
    const gone = connect(port, '127.0.0.1');
    gone.write(
      `POST /v1/containers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\n{`,
    );
    await once(gone, 'connect');
    gone.destroy();
    expect((await fetch(`${api.url}/livez`)).status).toBe(200);
  });
});
