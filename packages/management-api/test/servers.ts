import { DroverError } from '@drover/spec';
import { type ApiDeps, createApi, type RunningApi } from '../src/index.ts';
import { DispatcherDouble } from './dispatcher-double.ts';

/** APIs on real sockets over one dispatcher's double. */
export class Servers {
  readonly dispatcher = new DispatcherDouble();
  readonly #running: RunningApi[] = [];

  async listen(overrides: Partial<ApiDeps> = {}, port = 0): Promise<RunningApi> {
    const api = await createApi(this.dispatcher.deps(overrides)).listen({ port });
    this.#running.push(api);
    return api;
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((api) => api.close()));
  }
}

/** The code of the error that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (DroverError.is(error) ? error.code : String(error)),
  );
}
