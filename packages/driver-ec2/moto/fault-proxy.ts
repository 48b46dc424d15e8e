import { createServer, type IncomingMessage } from 'node:http';
import { Ec2Fault, writeError } from '@drover/fake-clouds/ec2';

/** What the proxy does to a call: refuse it, or let moto do it and cut the connection instead of answering. */
export type ProxyFault = Ec2Fault | 'done-then-reset';

/** A proxy before moto, for what moto does not do: throttling, capacity, lost answers, late visibility, idempotent launches, batches. */
export interface FaultProxy {
  readonly url: string;
  /** The next so many calls of an API fail. */
  add(action: string, fault: ProxyFault, times: number): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Starts the proxy on 127.0.0.1. */
export async function startFaultProxy(motoUrl: string): Promise<FaultProxy> {
  const faults: { action: string; fault: ProxyFault; left: number }[] = [];
  /** moto ignores client tokens; AWS gives the same answer for the same one. */
  const byToken = new Map<string, Answer>();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await textOf(request);
      const params = new URLSearchParams(body);
      const action = params.get('Action') ?? '';
      const token = params.get('ClientToken') ?? '';
      const hit = faults.find((candidate) => candidate.left > 0 && candidate.action === action);
      if (hit !== undefined) hit.left -= 1;
      if (hit?.fault instanceof Ec2Fault) {
        const { code, message, status } = hit.fault;
        response.writeHead(status, { 'content-type': 'text/xml' }).end(writeError(code, message, 'proxy'));
        return;
      }
      // moto starts MinCount VMs, AWS up to MaxCount.
      if (params.has('MaxCount')) params.set('MinCount', params.get('MaxCount') ?? '1');
      const answer = byToken.get(token) ?? (await forward(motoUrl, request, params.toString()));
      if (token !== '' && answer.status === 200) byToken.set(token, answer);
      if (hit?.fault === 'done-then-reset') request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    add: (action, fault, times) => void faults.push({ action, fault, left: times }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(motoUrl: string, request: IncomingMessage, body: string): Promise<Answer> {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' && !['host', 'connection', 'content-length', 'expect'].includes(name)
      ? [[name, value] as [string, string]]
      : [],
  );
  const answer = await fetch(motoUrl, { method: 'POST', headers, body });
  return { status: answer.status, body: await answer.text() };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
