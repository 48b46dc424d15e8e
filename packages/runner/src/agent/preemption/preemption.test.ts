import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock } from '@drover/testkit';
import { afterEach, expect, test } from 'vitest';
import { azureSource } from './azure.ts';
import { ec2Source } from './ec2.ts';
import { fileSource, noticeFile } from './file.ts';
import { gceSource } from './gce.ts';
import { metadataClient, type PreemptionNotice } from './source.ts';
import { pollMs, watchPreemption } from './watch.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A metadata service on this machine; `answer` gives the body, undefined means 404. */
async function fake(answer: (request: IncomingMessage) => string | undefined) {
  server = createServer((request, response) => {
    const body = answer(request);
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return metadataClient(`http://127.0.0.1:${address.port}`);
}

function ec2(pages: Readonly<Record<string, string>>) {
  return (request: IncomingMessage): string | undefined => {
    const { method, url = '', headers } = request;
    if (url === '/latest/api/token') {
      return method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] === '60' ? 'tok' : undefined;
    }
    return headers['x-aws-ec2-metadata-token'] === 'tok' ? pages[url] : undefined;
  };
}

test('EC2: nothing announced, rebalance recommended, interruption certain', async () => {
  const pages: Record<string, string> = {};
  const ask = await fake(ec2(pages));
  expect(await ec2Source(ask)).toBeUndefined();
  pages['/latest/meta-data/events/recommendations/rebalance'] = '{"noticeTime":"2026-01-01T00:00:00Z"}';
  expect(await ec2Source(ask)).toMatchObject({ imminent: false, detail: expect.stringContaining('noticeTime') });
  pages['/latest/meta-data/spot/instance-action'] = '{"action":"terminate","time":"2026-01-01T00:02:00Z"}';
  expect(await ec2Source(ask)).toMatchObject({ imminent: true, detail: expect.stringContaining('terminate') });
});

test('EC2: a service that gives no token is not asked further', async () => {
  expect(await ec2Source(await fake(() => undefined))).toBeUndefined();
});

test('GCE: TRUE means now; the header is required', async () => {
  let value = 'FALSE';
  const ask = await fake((request) => (request.headers['metadata-flavor'] === 'Google' ? value : undefined));
  expect(await gceSource(ask)).toBeUndefined();
  value = 'TRUE\n';
  expect(await gceSource(ask)).toMatchObject({ imminent: true });
});

test('Azure: Preempt and Terminate count, other events do not, nonsense is nothing', async () => {
  let body = '{"Events":[]}';
  const ask = await fake((request) =>
    request.headers['metadata'] === 'true' && request.url?.includes('api-version=') === true ? body : undefined,
  );
  for (body of ['{"Events":[]}', '{"Events":[{"EventType":"Freeze"}]}', 'oops', '[]', '{"Events":[1]}']) {
    expect(await azureSource(ask)).toBeUndefined();
  }
  for (const type of ['Preempt', 'Terminate']) {
    body = `{"Events":[{"EventType":"Freeze"},{"EventType":"${type}","NotBefore":"Mon, 19 Sep 2026 18:29:47 GMT"}]}`;
    expect(await azureSource(ask)).toMatchObject({ imminent: true, detail: expect.stringContaining(type) });
  }
  body = '{"Events":[{"EventType":"Preempt","EventStatus":"Started","NotBefore":""}]}';
  expect(await azureSource(ask)).toMatchObject({ imminent: true, detail: 'Azure Preempt, begun' });
});

test.each([ec2Source, gceSource, azureSource])('a service that cannot be reached announces nothing', async (source) => {
  expect(await source(metadataClient('http://127.0.0.1:1'))).toBeUndefined();
});

test('a file on the VM: nothing while it is not there, then its first line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-notice-'));
  const source = fileSource(join(folder, noticeFile));
  const nobody = metadataClient('http://127.0.0.1:1');
  expect(await source(nobody)).toBeUndefined();
  await writeFile(join(folder, noticeFile), 'in 2 minutes\nmore\n');
  expect(await source(nobody)).toEqual({ detail: 'in 2 minutes', imminent: true });
  await writeFile(join(folder, noticeFile), '');
  expect(await source(nobody)).toMatchObject({ imminent: true });
  await rm(folder, { recursive: true });
});

test('the watch asks every few seconds and stops once the end is certain', async () => {
  const clock = new SimulatedClock();
  const answers: (PreemptionNotice | undefined)[] = [
    undefined,
    { detail: 'perhaps', imminent: false },
    { detail: 'now', imminent: true },
  ];
  let asked = 0;
  const reports: string[] = [];
  const source = async (): Promise<PreemptionNotice | undefined> => answers[asked++];
  watchPreemption(source, metadataClient('http://127.0.0.1:1'), clock, ({ detail }) => reports.push(detail));
  await clock.advance(10 * pollMs);
  expect(asked).toBe(3);
  expect(reports).toEqual(['perhaps', 'now']);
});
