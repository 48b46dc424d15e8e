import {
  type ContainerUuid,
  type LineChannel,
  type RunLimits,
  type RunnerEvent,
  type RunnerLeases,
  type RunnerReply,
  runnerProtocolVersion,
  type RunnerStatus,
} from '@drover/spec';

/** A VM with an agent that holds nothing, made anew for every test. */
export interface RunnerHarness {
  /** Opens one more channel to the agent. */
  open(): Promise<LineChannel>;
  /** Kills the agent without warning and starts another on the same VM; resolves when that answers. Runs go on meanwhile. */
  replaceAgent?(): Promise<void>;
  /** What the suite runs; default: a POSIX shell's. */
  readonly commands?: RunnerCommands;
  /** Ends everything on the VM. */
  dispose(): Promise<void>;
}

/** Commands with known ends. */
export interface RunnerCommands {
  exit(code: number): readonly string[];
  /** Writes the texts on stdout and stderr. */
  print(out: string, err: string): readonly string[];
  /** Writes this many `x` on stdout. */
  flood(bytes: number): readonly string[];
  readonly killSelf: readonly string[];
  readonly hang: readonly string[];
  /** Hangs and ignores SIGTERM; says `ready` on stdout once it does. */
  readonly ignoreTerm: readonly string[];
  /** No such program. */
  readonly missing: readonly string[];
}

/** The default commands. */
export const posixRunnerCommands: RunnerCommands = {
  exit: (code) => ['sh', '-c', `exit ${code}`],
  print: (out, err) => ['sh', '-c', 'printf %s "$0"; printf %s "$1" >&2', out, err],
  flood: (bytes) => ['sh', '-c', `head -c ${bytes} /dev/zero | tr '\\0' x`],
  killSelf: ['sh', '-c', 'kill -9 $$'],
  hang: ['sleep', '60'],
  ignoreTerm: ['sh', '-c', `trap '' TERM; echo ready; while :; do sleep 0.05; done`],
  missing: ['/no/such/program'],
};

type Finished = Extract<RunnerEvent, { readonly type: 'finished' }>;
type Fields = Readonly<Record<string, unknown>>;

/** What a start may say beyond the command. */
export interface StartOptions {
  readonly uuid?: ContainerUuid;
  readonly generation?: number;
  readonly limits?: Partial<RunLimits>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const noLimits: RunLimits = { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 0, maxLogBytes: 1 << 20, killGraceMs: 300 };
/** No real agent takes this long; without it a lost message would hang a test without saying which. */
const answerTimeoutMs = 20_000;

/** A dispatcher's end of one channel. */
export class RunnerClient {
  readonly events: RunnerEvent[] = [];
  readonly #channel: LineChannel;
  readonly #replies = new Map<number, (reply: RunnerReply) => void>();
  #lastId = 0;
  #looking: (() => void)[] = [];

  constructor(channel: LineChannel) {
    this.#channel = channel;
    channel.onLine((line) => this.#receive(line));
  }

  /** Sends a request with an id of its own; resolves with the reply to it. */
  async ask(request: Fields): Promise<RunnerReply> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new Promise<RunnerReply>((resolve) => this.#replies.set(id, resolve));
    this.#channel.send(JSON.stringify({ ...request, id }));
    return withDeadline(reply, `no answer to ${JSON.stringify(request)}`);
  }

  async hello(epoch: number, session: number, more: { afterSequence?: number; leases?: RunnerLeases } = {}) {
    const leases = { acceptMs: 60_000, deadManMs: 0 };
    return this.ask({
      type: 'hello',
      version: runnerProtocolVersion,
      epoch,
      session,
      afterSequence: 0,
      leases,
      ...more,
    });
  }

  async start(command: readonly string[], options: StartOptions = {}): Promise<RunnerReply> {
    const { uuid = testUuid(1), generation = 1, limits, env = {}, cwd } = options;
    return this.ask({
      type: 'start',
      uuid,
      generation,
      container: { command, env, ...(cwd === undefined ? {} : { cwd }) },
      limits: { ...noLimits, ...limits },
      gpuDevices: [],
      gatewaySecret: '',
    });
  }

  /** Starts and waits for the end. */
  async run(command: readonly string[], options: StartOptions = {}): Promise<Finished> {
    const reply = await this.start(command, options);
    if (reply.type !== 'ok') throw new Error(`not started: ${JSON.stringify(reply)}`);
    return this.finished(options.uuid);
  }

  /** The end of a run, when it has been reported. */
  async finished(uuid: ContainerUuid = testUuid(1)): Promise<Finished> {
    return this.event((event): event is Finished => event.type === 'finished' && event.uuid === uuid);
  }

  /** Waits for the `started` event. */
  async started(uuid: ContainerUuid = testUuid(1)): Promise<RunnerEvent> {
    return this.event((event): event is RunnerEvent => event.type === 'started' && event.uuid === uuid);
  }

  /** The first event that fits, present or to come. */
  async event<T extends RunnerEvent>(fits: (event: RunnerEvent) => event is T): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const look = (): void => {
        const event = this.events.find(fits);
        if (event === undefined) this.#looking.push(look);
        else resolve(event);
      };
      look();
    });
    return withDeadline(found, `no such event among ${JSON.stringify(this.events)}`);
  }

  async list(): Promise<RunnerStatus> {
    const reply = await this.ask({ type: 'list' });
    if (reply.type !== 'status') throw new Error(`no status: ${JSON.stringify(reply)}`);
    return reply.status;
  }

  /** A stored log, fetched piece by piece. */
  async log(stream: 'stdout' | 'stderr', maxBytes: number, uuid = testUuid(1), generation = 1): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let offset = 0; ;) {
      const reply = await this.ask({ type: 'logs', uuid, generation, stream, offset, maxBytes });
      if (reply.type !== 'logs') throw new Error(`no log: ${JSON.stringify(reply)}`);
      const bytes = Buffer.from(reply.base64, 'base64');
      parts.push(bytes);
      offset += bytes.length;
      if (reply.end) return Buffer.concat(parts);
      if (bytes.length === 0) throw new Error('a log that has ended gave no bytes and no end');
    }
  }

  close(): void {
    this.#channel.close();
  }

  #receive(line: string): void {
    const message: unknown = JSON.parse(line);
    if (isReply(message)) {
      this.#replies.get(message.id)?.(message);
      this.#replies.delete(message.id);
      return;
    }
    if (!isEvent(message)) throw new Error(`neither reply nor event: ${line}`);
    this.events.push(message);
    const looking = this.#looking;
    this.#looking = [];
    for (const look of looking) look();
  }
}

/** What else is in a message the tests look at. */
function isReply(message: unknown): message is RunnerReply {
  return typeof message === 'object' && message !== null && 'id' in message && typeof message.id === 'number';
}

function isEvent(message: unknown): message is RunnerEvent {
  return typeof message === 'object' && message !== null && 'sequence' in message && 'type' in message;
}

export function testUuid(n: number): ContainerUuid {
  return `zzzzz-dz642-${String(n).padStart(15, '0')}`;
}

/** What a test works with. */
export interface RunnerScene {
  readonly harness: RunnerHarness;
  readonly commands: RunnerCommands;
  /** Has said hello as epoch 1, session 1. */
  readonly client: RunnerClient;
  /** One more channel, which has said nothing yet. */
  readonly connect: () => Promise<RunnerClient>;
}

/** Makes a VM, runs the body and cleans up, whatever happens. */
export async function withRunner(
  makeHarness: () => Promise<RunnerHarness>,
  body: (scene: RunnerScene) => Promise<void>,
): Promise<void> {
  const harness = await makeHarness();
  const clients: RunnerClient[] = [];
  const connect = async (): Promise<RunnerClient> => {
    const client = new RunnerClient(await harness.open());
    clients.push(client);
    return client;
  };
  try {
    const client = await connect();
    const reply = await client.hello(1, 1);
    if (reply.type !== 'ok') throw new Error(`hello was refused: ${JSON.stringify(reply)}`);
    await body({ harness, commands: harness.commands ?? posixRunnerCommands, client, connect });
  } finally {
    for (const client of clients) client.close();
    await harness.dispose();
  }
}

async function withDeadline<T>(promise: Promise<T>, complaint: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(complaint)), answerTimeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
