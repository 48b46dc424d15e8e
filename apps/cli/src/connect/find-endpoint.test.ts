import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultUrl, findEndpoint } from './find-endpoint.ts';

let stateDirectory: string;
beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'drover-endpoint-'));
});
afterEach(async () => rm(stateDirectory, { recursive: true, force: true }));

const write = async (text: string): Promise<void> => writeFile(join(stateDirectory, 'endpoint.json'), text);

describe('findEndpoint', () => {
  it('prefers the option, then the environment, then the file, then the default', async () => {
    const env = { DROVER_URL: 'http://env:1/', DROVER_TOKEN: 't' };
    expect(findEndpoint({ env: {}, stateDirectory })).toEqual({ url: defaultUrl, source: 'the default' });
    await write('{"url":"http://127.0.0.1:5","token":"f"}');
    expect(findEndpoint({ env: {}, stateDirectory })).toMatchObject({ url: 'http://127.0.0.1:5', token: 'f' });
    expect(findEndpoint({ env, stateDirectory })).toEqual({ url: 'http://env:1', token: 't', source: 'DROVER_URL' });
    const url = 'https://option:2';
    expect(findEndpoint({ url, env, stateDirectory })).toEqual({ url, token: 't', source: '--url' });
  });

  it('gives no token to an address that it does not belong to', async () => {
    await write('{"url":"http://127.0.0.1:5","token":"f"}');
    const env = { DROVER_TOKEN: 't' };
    expect(findEndpoint({ env, stateDirectory }).token).toBe('f');
    expect(findEndpoint({ url: 'http://other', env: {}, stateDirectory }).token).toBeUndefined();
  });

  it.each(['', '{', '[]', '{"url":7}', '{"token":"x"}'])('refuses the file %j', async (text) => {
    await write(text);
    expect(() => findEndpoint({ env: {}, stateDirectory })).toThrow('does not say where the dispatcher is');
  });

  it.each(['ftp://x', 'localhost:8787', 'nonsense'])('refuses the URL %j', (url) => {
    expect(() => findEndpoint({ url, env: {}, stateDirectory })).toThrow('is not an http or https URL');
  });
});
