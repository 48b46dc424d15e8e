/** One server-sent event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Longest event that is accepted, so that a broken server cannot fill the memory. */
const maxEventChars = 1_000_000;

/** Splits a byte stream into server-sent events by the WHATWG rules; comments are left out. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields: [string, string][] = [];
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > maxEventChars) throw new Error('a line of the event stream is too long');
    for (const line of lines) {
      if (line !== '') fields.push(field(line));
      else {
        const event = assemble(fields);
        fields = [];
        if (event !== undefined) yield event;
      }
    }
  }
}

function field(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}

function assemble(fields: readonly [string, string][]): ServerSentEvent | undefined {
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
  if (data.length === 0) return undefined;
  const last = (wanted: string): string | undefined => fields.findLast(([name]) => name === wanted)?.[1];
  return { id: last('id'), event: last('event') ?? 'message', data: data.join('\n') };
}
