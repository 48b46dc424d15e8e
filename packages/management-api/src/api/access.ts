import { createHash, timingSafeEqual } from 'node:crypto';
import { DroverError } from '@drover/spec';
import type { ApiRole, ApiToken } from './api-deps.ts';

/** What is needed of a request to decide on access. */
export interface AccessRequest {
  header(name: string): string | undefined;
}

const ranks: Readonly<Record<ApiRole, number>> = { viewer: 0, submitter: 1, operator: 2 };

/** Decides who may do what. Tokens are compared in constant time, all of them at every request. */
export class Access {
  readonly #tokens: readonly { readonly digest: Buffer; readonly role: ApiRole }[];

  constructor(tokens: readonly ApiToken[]) {
    this.#tokens = tokens.map(({ value, role }) => ({ digest: digestOf(value), role }));
  }

  /** False: nobody needs a token, and only this machine may be served. */
  get hasTokens(): boolean {
    return this.#tokens.length > 0;
  }

  /**
   * For `/v1`: a token of this role or a higher one; without any configured, a request of this machine's own.
   * @throws DroverError API_UNAUTHENTICATED, API_FORBIDDEN
   */
  check(request: AccessRequest, role: ApiRole): void {
    if (!this.hasTokens) return checkLocal(request);
    const token = bearerToken(request);
    const fix = 'send "Authorization: Bearer TOKEN"; drover finds the token in endpoint.json or DROVER_TOKEN';
    if (token === undefined)
      throw new DroverError('API_UNAUTHENTICATED', 'the request carries no bearer token', { fix });
    const held = this.roleOf(token);
    if (held === undefined) throw new DroverError('API_FORBIDDEN', 'the bearer token is not valid', { fix });
    if (ranks[held] < ranks[role]) {
      throw new DroverError('API_FORBIDDEN', `this needs the role ${role}; the token has the role ${held}`);
    }
  }

  /** The role of a token; undefined when nobody has it. */
  roleOf(token: string): ApiRole | undefined {
    const digest = digestOf(token);
    let role: ApiRole | undefined;
    for (const known of this.#tokens) if (timingSafeEqual(known.digest, digest)) role = known.role;
    return role;
  }
}

/** The token of the Authorization header; undefined when there is none. */
export function bearerToken(request: AccessRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.header('authorization') ?? '')?.[1];
}

/** True for names and addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/**
 * Without tokens a web page must not reach the API through the user's browser: neither by its origin, and that of another port of this
 * machine is another's as well, nor by a name of its own that was made to point here.
 */
function checkLocal(request: AccessRequest): void {
  const host = request.header('host');
  const origin = request.header('origin');
  const foreignHost = host !== undefined && !isLoopback(host.replace(/:\d+$/, ''));
  const foreignOrigin = origin !== undefined && hostOf(origin) !== host;
  if (!foreignHost && !foreignOrigin) return;
  throw new DroverError('API_FORBIDDEN', 'without a token only this machine may use the API', {
    fix: 'configure a token, or use http://127.0.0.1',
  });
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}

/** Equal length whatever the token, as the constant-time comparison needs. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
