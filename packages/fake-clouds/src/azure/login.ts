import type { FakeAnswer, FakeRequest } from '../fake-server.ts';
import type { FakeAzureOptions } from './fake-azure-options.ts';

/** Microsoft's sign-in, as far as a client secret needs it; undefined: the request is for somebody else. */
export function answerLogin(options: FakeAzureOptions, request: FakeRequest): FakeAnswer | undefined {
  const { origin, pathname } = request.url;
  if (pathname.endsWith('/discovery/instance')) return discovery(request.url.host, `${origin}/${options.tenantId}`);
  if (pathname.endsWith('/.well-known/openid-configuration')) return configuration(`${origin}${firstPart(pathname)}`);
  if (pathname.endsWith('/oauth2/v2.0/token')) return token(options, new URLSearchParams(request.body), pathname);
  return undefined;
}

function discovery(host: string, authority: string): FakeAnswer {
  return json(200, {
    tenant_discovery_endpoint: `${authority}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

function configuration(authority: string): FakeAnswer {
  return json(200, {
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });
}

function token(options: FakeAzureOptions, form: URLSearchParams, pathname: string): FakeAnswer {
  const clientId = form.get('client_id') ?? '';
  if (firstPart(pathname) !== `/${options.tenantId}`)
    return refused(400, 'invalid_request', 90_002, `Tenant '${firstPart(pathname).slice(1)}' not found.`);
  const known = options.clientSecrets[clientId];
  if (known === undefined)
    return refused(400, 'unauthorized_client', 700_016, `Application with identifier '${clientId}' was not found.`);
  if (known.expired === true)
    return refused(
      401,
      'invalid_client',
      7_000_222,
      `The provided client secret keys for app '${clientId}' are expired.`,
    );
  if (form.get('client_secret') !== known.secret)
    return refused(401, 'invalid_client', 7_000_215, `Invalid client secret provided for app '${clientId}'.`);
  const [accessToken = ''] = options.tokens;
  return json(200, { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: accessToken });
}

function refused(status: number, error: string, code: number, why: string): FakeAnswer {
  return json(status, { error, error_description: `AADSTS${code}: ${why}`, error_codes: [code] });
}

function json(status: number, body: unknown): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function firstPart(pathname: string): string {
  return `/${pathname.split('/')[1] ?? ''}`;
}
