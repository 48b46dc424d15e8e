import { describe, expect, it } from 'vitest';
import { createApi } from '../src/index.ts';
import { DispatcherDouble, token } from './dispatcher-double.ts';
import { read } from './requester.ts';

const tokens = [
  { value: 'v', role: 'viewer' },
  { value: 's', role: 'submitter' },
  { value: token, role: 'operator' },
] as const;

async function status(
  path: string,
  headers: Record<string, string>,
  options: { readonly method?: string; readonly tokens?: typeof tokens | readonly [] } = {},
): Promise<readonly [number, string | undefined]> {
  const api = createApi(new DispatcherDouble().deps({ tokens: options.tokens ?? tokens }));
  const method = options.method ?? 'GET';
  const request = new Request(`http://127.0.0.1${path}`, {
    method,
    headers,
    ...(method === 'POST' ? { body: '' } : {}),
  });
  const response = await api.fetch(request);
  return [response.status, response.status === 204 ? undefined : (await read(response)).code];
}

describe('who may use /v1', () => {
  it.each([
    ['nobody without a token', {}, 401, 'API_UNAUTHENTICATED'],
    ['nobody with another scheme', { authorization: `Basic ${token}` }, 401, 'API_UNAUTHENTICATED'],
    ['nobody with a wrong token', { authorization: 'Bearer wrong' }, 403, 'API_FORBIDDEN'],
    ['nobody with the beginning of a token', { authorization: `Bearer ${token.slice(0, -1)}` }, 403, 'API_FORBIDDEN'],
    ['who has a token', { authorization: 'Bearer v' }, 200, undefined],
    ['who writes bearer in small letters', { authorization: 'bearer v' }, 200, undefined],
  ])('%s', async (_name, headers, expected, code) => {
    expect(await status('/v1/status', headers)).toEqual([expected, code]);
  });

  it.each([
    ['v', 'POST', '/v1/containers', 403],
    ['s', 'POST', '/v1/containers', 400],
    ['s', 'POST', '/v1/instances/i-1/hold', 403],
    [token, 'POST', '/v1/instances/i-1/hold', 204],
    ['v', 'GET', '/v1/instances', 200],
  ])('the token %s gets for %s %s: %d', async (value, method, path, expected) => {
    const [got] = await status(path, { authorization: `Bearer ${value}` }, { method });
    expect(got).toBe(expected);
  });

  it('says how to send the token', async () => {
    const response = await createApi(new DispatcherDouble().deps()).fetch(new Request('http://127.0.0.1/v1/status'));
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="drover"');
  });

  it.each([
    ['this machine', { host: '127.0.0.1:8787' }, 200],
    ['this machine by name', { host: 'localhost:8787' }, 200],
    ['this machine by IPv6', { host: '[::1]:8787' }, 200],
    ['a name that was made to point here', { host: 'evil.example:8787' }, 403],
    ['a page from elsewhere', { host: '127.0.0.1:8787', origin: 'https://evil.example' }, 403],
    ['a page of another server here', { host: '127.0.0.1:8787', origin: 'http://127.0.0.1:3000' }, 403],
    ['a sandboxed page', { host: '127.0.0.1:8787', origin: 'null' }, 403],
    ['a page of its own', { host: '127.0.0.1:8787', origin: 'http://127.0.0.1:8787' }, 200],
  ])('without configured tokens: %s', async (_name, headers, expected) => {
    const [got] = await status('/v1/status', headers, { tokens: [] });
    expect(got).toBe(expected);
  });
});

describe('what needs no token', () => {
  it.each(['/livez', '/readyz'])('%s says only whether', async (path) => {
    const dispatcher = new DispatcherDouble();
    const api = createApi(dispatcher.deps());
    const ask = async (): Promise<readonly [number, string]> => {
      const response = await api.fetch(new Request(`http://127.0.0.1${path}`));
      return [response.status, await response.text()];
    };
    expect(await ask()).toEqual([200, 'ok\n']);
    dispatcher.health = { healthy: true, ready: false, messages: ['the first listing is not complete'] };
    expect(await ask()).toEqual(path === '/livez' ? [200, 'ok\n'] : [503, 'not ready\n']);
  });

  it.each([
    ['/v1/errors/QUEUE_DISK_FULL', 200],
    ['/v1/errors/NO_SUCH_CODE', 404],
    ['/v1/openapi.json', 200],
    ['/v1/container.schema.json', 200],
  ])('%s → %d', async (path, expected) => expect((await status(path, {}))[0]).toBe(expected));
});

describe('faults of drover itself', () => {
  it('are told to the dispatcher and not to the client', async () => {
    const dispatcher = new DispatcherDouble();
    const explode = (): never => {
      throw new Error('secret detail');
    };
    const api = createApi(dispatcher.deps({ instances: explode, queueView: explode }));
    const headers = { authorization: `Bearer ${token}` };
    const own = await api.fetch(new Request('http://127.0.0.1/v1/instances', { headers }));
    expect([own.status, await own.text()]).toEqual([500, expect.not.stringContaining('secret')]);
    const path = '/arvados/v1/dispatch/containers';
    const reference = await api.fetch(new Request(`http://127.0.0.1${path}`, { headers }));
    expect([reference.status, await reference.json()]).toEqual([
      500,
      { errors: [expect.not.stringContaining('secret')] },
    ]);
    expect(dispatcher.faults).toHaveLength(2);
  });

  it('an unknown path is no fault', async () => {
    const response = await createApi(new DispatcherDouble().deps()).fetch(new Request('http://127.0.0.1/v1/nothing'));
    expect(await read(response)).toMatchObject({ httpStatus: 404, code: 'API_NOT_FOUND' });
  });

  it('a page may answer what the API does not', async () => {
    const fallback = async (request: Request): Promise<Response> => new Response(new URL(request.url).pathname);
    const api = createApi(new DispatcherDouble().deps({ fallback }));
    expect(await (await api.fetch(new Request('http://127.0.0.1/page'))).text()).toBe('/page');
    expect((await api.fetch(new Request('http://127.0.0.1/v1/page'))).status).toBe(404);
  });
});
