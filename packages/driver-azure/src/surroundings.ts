import type { DriverContext } from '@drover/spec';
import type { AzureCounters } from './metrics.ts';
import type { AzureClients } from './open-clients.ts';
import type { OwnTags } from './own-tags.ts';
import type { AzureParams } from './params.ts';

/** What every part of one open instance set works with. */
export interface AzureSurroundings {
  readonly clients: AzureClients;
  readonly params: AzureParams;
  readonly context: DriverContext;
  readonly tags: OwnTags;
  readonly counters: AzureCounters;
  /** Aborted when the set is closed: background work ends. */
  readonly closed: AbortSignal;
}
