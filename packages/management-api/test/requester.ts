import * as z from 'zod';
import type { Api } from '../src/index.ts';
import { token } from './dispatcher-double.ts';

const answerSchema = z.looseObject({
  uuids: z.array(z.string()).default([]),
  items: z.array(z.looseObject({ uuid: z.string().optional() })).default([]),
  next: z.union([z.string(), z.number()]).optional(),
  code: z.string().optional(),
  problems: z.array(z.looseObject({ code: z.string() })).default([]),
});

/** An answer read as JSON. */
export type Answer = z.infer<typeof answerSchema> & { readonly httpStatus: number };

/** Sends requests to an API without a socket, as an operator. */
export class Requester {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, headers: { authorization: `Bearer ${token}`, ...headers } };
    return this.#api.fetch(new Request(`http://127.0.0.1${path}`, body === undefined ? init : { ...init, body: text }));
  }

  async json(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return read(await this.send(method, path, body, headers));
  }

  async submit(container: unknown): Promise<string> {
    const { uuids } = await this.json('POST', '/v1/containers', container);
    const [uuid] = uuids;
    if (uuid === undefined) throw new Error('nothing was submitted');
    return uuid;
  }
}

/** The parts of an answer that tests look at. */
export async function read(response: Response): Promise<Answer> {
  return { ...answerSchema.parse(await response.json()), httpStatus: response.status };
}
