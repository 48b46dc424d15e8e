import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DroverError } from '@drover/spec';

/** Where to find the dispatcher. */
export interface FoundEndpoint {
  readonly url: string;
  readonly token?: string;
  /** In words: where this was found. */
  readonly source: string;
}

export interface EndpointQuestion {
  /** `--url`. */
  readonly url?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a dispatcher on this machine writes `endpoint.json`. */
  readonly stateDirectory: string;
}

/** Where a dispatcher listens unless told otherwise. */
export const defaultUrl = 'http://127.0.0.1:8787';

/**
 * `--url` or DROVER_URL with DROVER_TOKEN; else what a dispatcher in this folder wrote, with its own token; else the default address.
 * @throws DroverError CLI_USAGE when a URL is none, CONFIG_INVALID when the file is damaged.
 */
export function findEndpoint(question: EndpointQuestion): FoundEndpoint {
  const { env, stateDirectory } = question;
  const token = env['DROVER_TOKEN'];
  const withToken = token === undefined || token === '' ? {} : { token };
  if (question.url !== undefined) return { url: checked(question.url, '--url'), ...withToken, source: '--url' };
  const fromEnv = env['DROVER_URL'];
  if (fromEnv !== undefined && fromEnv !== '') {
    return { url: checked(fromEnv, 'DROVER_URL'), ...withToken, source: 'DROVER_URL' };
  }
  const path = join(stateDirectory, 'endpoint.json');
  const written = readEndpoint(path);
  // A token goes only to the address that it belongs to: that of the file to the file's, that of the environment nowhere else.
  if (written !== undefined) return { ...written, source: path };
  return { url: defaultUrl, ...withToken, source: 'the default' };
}

function readEndpoint(path: string): { readonly url: string; readonly token?: string } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = parse(text);
  const url = field(parsed, 'url');
  if (url === undefined) {
    throw new DroverError('CONFIG_INVALID', `${path} does not say where the dispatcher is`, {
      fix: 'remove the file, or start the dispatcher again',
    });
  }
  const token = field(parsed, 'token');
  return { url: checked(url, path), ...(token === undefined ? {} : { token }) };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: 'url' | 'token'): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function checked(url: string, source: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url.replace(/\/+$/, '');
  throw new DroverError('CLI_USAGE', `${source}: "${url}" is not an http or https URL`, { fix: `e.g. ${defaultUrl}` });
}
