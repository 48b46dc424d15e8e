import type { ArmPath } from './arm-path.ts';
import type { Json } from './json.ts';
import type { FakeRegion } from './region.ts';
import type { SchemaName } from './schema/validate.ts';

/** A request of Azure Resource Manager, body parsed. */
export interface ArmCall {
  readonly method: string;
  readonly url: URL;
  readonly path: ArmPath;
  /** Name of the resource that is meant; empty for a collection. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Json;
}

export interface ArmReply {
  readonly status: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How one method of one kind is answered. */
export interface ArmRoute {
  /** The version that the SDK asks for. */
  readonly apiVersion: string;
  readonly request?: SchemaName;
  /** Of answers with a body; operations and permissions have none in the schema. */
  readonly response?: SchemaName;
  /** @throws ArmError */
  readonly handle: (region: FakeRegion, call: ArmCall) => ArmReply;
}

/** Routes by `METHOD kind`, kinds of collections with `[]` at the end. */
export type ArmRoutes = Readonly<Record<string, ArmRoute>>;

/** API versions that the SDK speaks, by what is asked for. */
export const apiVersions = {
  compute: '2026-04-01',
  disks: '2026-03-02',
  galleries: '2025-12-03',
  skus: '2021-07-01',
  network: '2026-01-01',
  authorization: '2022-04-01',
} as const;

/** One page of the items, with a link to the next one; only what is on the page is made into JSON. */
export function pageOf<Item>(
  region: FakeRegion,
  { url }: ArmCall,
  items: readonly Item[],
  view: (item: Item) => Json,
): ArmReply {
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const until = from + region.options.pageSize;
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(until));
  const more = until < items.length ? { nextLink: next.href } : {};
  return { status: 200, body: { value: items.slice(from, until).map(view), ...more } };
}

/** Headers of an answer that only promises: where to ask how it goes. */
export function operationHeaders(
  region: FakeRegion,
  { url }: ArmCall,
  operationId: string,
  provider: 'Microsoft.Compute' | 'Microsoft.Network' = 'Microsoft.Compute',
): Readonly<Record<string, string>> {
  const { subscriptionId, location } = region.options;
  const version = provider === 'Microsoft.Compute' ? apiVersions.compute : apiVersions.network;
  const path = `/subscriptions/${subscriptionId}/providers/${provider}/locations/${location}/operations/${operationId}`;
  const link = `${url.origin}${path}?api-version=${version}`;
  return { 'azure-asyncoperation': link, 'retry-after': '10' };
}
