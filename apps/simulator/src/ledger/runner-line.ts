import type { Executor, LineChannel } from '@drover/spec';

/** One message of the runner protocol, either way. */
export type Message = Readonly<Record<string, unknown>>;

/** What is done to the messages of one channel. */
export interface LineMutation {
  /** What goes to the runner instead of this request; `send` sends more later on, `answer` answers in the runner's place. */
  readonly toRunner?: (message: Message, way: Way) => readonly Message[];
  /** What the dispatcher hears instead of this message. */
  readonly fromRunner?: (message: Message, way: Way) => readonly Message[];
}

/** Both ends of a channel. */
export interface Way {
  /** To the runner; nothing happens when the channel is closed. */
  readonly send: (message: Message) => void;
  /** To the dispatcher. */
  readonly answer: (message: Message) => void;
}

/** An executor whose channels speak differently. `mutate` is called once per channel. */
export function withLines(executor: Executor, mutate: () => LineMutation): Executor {
  return withExecutor(executor, {
    open: async (target, options) => mutatedChannel(await executor.open(target, options), mutate()),
  });
}

/** An executor with some of its operations replaced. */
export function withExecutor(executor: Executor, over: Partial<Executor>): Executor {
  return {
    setTarget: (target) => executor.setTarget(target),
    connect: (options) => executor.connect(options),
    trust: (key) => executor.trust(key),
    run: (command, options) => executor.run(command, options),
    open: (target, options) => executor.open(target, options),
    close: () => executor.close(),
    ...over,
  };
}

function mutatedChannel(channel: LineChannel, mutation: LineMutation): LineChannel {
  const listeners = new Set<(line: string) => void>();
  const send = (message: Message): void => {
    try {
      channel.send(JSON.stringify(message));
    } catch {
      // Closed meanwhile.
    }
  };
  const answer = (message: Message): void => {
    for (const listener of listeners) listener(JSON.stringify(message));
  };
  const way: Way = { send, answer };
  const { toRunner = alone, fromRunner = alone } = mutation;
  channel.onLine((line) => {
    for (const message of fromRunner(readMessage(line), way)) answer(message);
  });
  return {
    send: (line) => {
      const messages = toRunner(readMessage(line), way);
      return messages.map((message) => channel.send(JSON.stringify(message))).every(Boolean);
    },
    onLine: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onDrain: (listener) => channel.onDrain(listener),
    onClose: (listener) => channel.onClose(listener),
    close: () => channel.close(),
  };
}

function alone(message: Message): readonly Message[] {
  return [message];
}

function readMessage(line: string): Message {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
