import type { RunnerReply } from '@drover/spec';
import { connectAgent, type AgentConnection } from './cli-connection.ts';
import { isObject, parseJson } from './json.ts';

/** One operation at a time over the agent's socket, for people and scripts on the VM. Returns the exit status. */
export async function runCommand(
  verb: string,
  stateFolder: string,
  args: readonly string[],
  usage: string,
): Promise<number> {
  if (verb === 'attach') {
    const { attach } = await import('./cli-attach.ts');
    return attach(stateFolder);
  }
  const command = commands.get(verb);
  if (command === undefined) {
    console.error(usage);
    return 64;
  }
  const connection = await connectAgent(stateFolder);
  try {
    return await command(connection, args);
  } finally {
    connection.close();
  }
}

type Command = (connection: AgentConnection, args: readonly string[]) => Promise<number>;

const commands = new Map<string, Command>([
  ['list', async (connection) => show(await connection.ask({ type: 'list' }))],
  ['kill', async (connection, [uuid, generation]) => change(connection, { type: 'kill', ...run(uuid, generation) })],
  [
    'ack',
    async (connection, [uuid, generation, hash]) => change(connection, { type: 'ack', ...run(uuid, generation), hash }),
  ],
  ['drain', async (connection, [state]) => change(connection, { type: 'drain', on: state === 'on' })],
  ['start', start],
  ['result', result],
  ['logs', logs],
]);

function run(uuid: string | undefined, generation: string | undefined) {
  return { uuid, generation: Number(generation) };
}

/** For requests that change something: they speak for the session that is in charge anyway. */
async function change(connection: AgentConnection, request: Readonly<Record<string, unknown>>): Promise<number> {
  const refusal = await connection.join();
  return show(refusal ?? (await connection.ask(request)));
}

async function start(connection: AgentConnection): Promise<number> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  const request = parseJson(text);
  if (!isObject(request)) {
    console.error('stdin holds no JSON object');
    return 64;
  }
  return change(connection, { ...request, type: 'start' });
}

async function result(connection: AgentConnection, [uuid, generation]: readonly string[]): Promise<number> {
  const reply = await connection.ask({ type: 'list' });
  if (reply.type !== 'status') return show(reply);
  const found = reply.status.containers.find((each) => each.uuid === uuid && each.generation === Number(generation));
  if (found?.result === undefined) {
    console.error('no result');
    return 1;
  }
  console.log(JSON.stringify({ hash: found.hash, result: found.result }));
  return 0;
}

async function logs(connection: AgentConnection, args: readonly string[]): Promise<number> {
  const [uuid, generation, stream, flag = '--offset=0'] = args;
  let offset = Number(flag.replace('--offset=', ''));
  for (;;) {
    const reply = await connection.ask({ type: 'logs', ...run(uuid, generation), stream, offset, maxBytes: 1 << 18 });
    if (reply.type !== 'logs') return show(reply);
    const bytes = Buffer.from(reply.base64, 'base64');
    process.stdout.write(bytes);
    offset += bytes.length;
    if (reply.end || bytes.length === 0) return 0;
  }
}

function show(reply: RunnerReply): number {
  if (reply.type === 'refused') {
    console.error(`${reply.code}: ${reply.message}`);
    return 1;
  }
  console.log(reply.type === 'status' ? JSON.stringify(reply.status) : reply.type);
  return 0;
}
