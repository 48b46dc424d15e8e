import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { runnerProtocolVersion, type RunnerReply } from '@drover/spec';
import { replayJournal } from './journal-format.ts';
import { Journal } from './journal.ts';
import { isObject, parseJson } from './json.ts';

/** A connection of a local command to the agent. */
export interface AgentConnection {
  /** Sends a request, which gets an id, and resolves with its reply. */
  ask(request: Readonly<Record<string, unknown>>): Promise<RunnerReply>;
  /** Joins the session that is in charge, without taking it over. Undefined when that worked. */
  join(): Promise<RunnerReply | undefined>;
  close(): void;
}

interface Waiter {
  readonly resolve: (reply: RunnerReply) => void;
  readonly reject: (error: Error) => void;
}

/** Rejects when no agent listens. */
export async function connectAgent(stateFolder: string): Promise<AgentConnection> {
  const socket = connect(`${stateFolder}/agent.sock`);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const waiting = new Map<number, Waiter>();
  createInterface({ input: socket }).on('line', (line) => {
    const reply = parseJson(line);
    if (!isReply(reply)) return;
    waiting.get(reply.id)?.resolve(reply);
    waiting.delete(reply.id);
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the agent closed the connection'));
  });
  let lastId = 0;
  const ask: AgentConnection['ask'] = async (request) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      socket.write(`${JSON.stringify({ ...request, id: lastId })}\n`);
    });
  return {
    ask,
    join: async () => {
      const { epoch, session, leases, sequence } = replayJournal(Journal.read(stateFolder));
      const hello = { version: runnerProtocolVersion, epoch, session, leases, afterSequence: sequence };
      const reply = await ask({ type: 'hello', ...hello });
      return reply.type === 'ok' ? undefined : reply;
    },
    close: () => socket.destroy(),
  };
}

/** The agent is of the same bundle: only events have to be told from replies. */
function isReply(value: unknown): value is RunnerReply {
  return isObject(value) && typeof value['id'] === 'number' && typeof value['type'] === 'string';
}
