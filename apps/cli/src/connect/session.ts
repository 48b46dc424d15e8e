import { createClient, type DroverClient } from '@drover/management-api/client';
import type { OutputFormat } from '../output/print.ts';
import { findEndpoint } from './find-endpoint.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly output: OutputFormat;
  readonly url?: string;
  readonly stateDirectory: string;
}

/** A client of the dispatcher that the options, the environment or this folder name. */
export function connect(options: GlobalOptions): DroverClient {
  const { url, stateDirectory } = options;
  const { url: found, token } = findEndpoint({ url, env: process.env, stateDirectory });
  return createClient({ url: found, ...(token === undefined ? {} : { token }) });
}
