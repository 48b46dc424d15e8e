import type { AzureClients } from './open-clients.ts';

/** An answer of Azure Resource Manager to a question that the SDK's clients do not ask. */
export interface ArmAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Wall time of Azure's clock; undefined without. */
  readonly dateMs: number | undefined;
}

/** Asks with the SDK's own pipeline: signed in, and trusting the same certificates. Rejects when nobody answers or signs in. */
export async function askResourceManager(clients: AzureClients, path: string, signal: AbortSignal): Promise<ArmAnswer> {
  const { createDefaultHttpClient, createPipelineRequest } = await import('@azure/core-rest-pipeline');
  const request = createPipelineRequest({
    url: `${clients.resourceManager}${path}`,
    method: 'GET',
    abortSignal: signal,
  });
  const response = await clients.pipeline.sendRequest(createDefaultHttpClient(), request);
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  return {
    status: response.status,
    body: parse(response.bodyAsText ?? ''),
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
