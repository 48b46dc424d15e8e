import type { Clock } from '@drover/spec';
import { azureBaseUrl, azureSource } from './azure.ts';
import { ec2BaseUrl, ec2Source } from './ec2.ts';
import { fileSource, noticeFile } from './file.ts';
import { gceBaseUrl, gceSource } from './gce.ts';
import { type AskMetadata, metadataClient, type PreemptionNotice, type PreemptionSource } from './source.ts';

/** The clouds ask for no less than a second between polls; the shortest notice, 30 s, leaves room for this. */
export const pollMs = 5000;

/** A file costs next to nothing to look for. */
const filePollMs = 250;

export const preemptionSources = {
  ec2: { source: ec2Source, baseUrl: ec2BaseUrl },
  gce: { source: gceSource, baseUrl: gceBaseUrl },
  azure: { source: azureSource, baseUrl: azureBaseUrl },
} as const satisfies Record<string, { readonly source: PreemptionSource; readonly baseUrl: string }>;

/** Asks every few seconds until the VM's end is certain; `report` may come twice, first for what is only likely. */
export function watchPreemption(
  source: PreemptionSource,
  ask: AskMetadata,
  clock: Clock,
  report: (notice: PreemptionNotice) => void,
  everyMs = pollMs,
): void {
  const poll = async (): Promise<void> => {
    const notice = await source(ask);
    if (notice !== undefined) report(notice);
    if (notice?.imminent !== true) clock.timer(everyMs, () => void poll());
  };
  void poll();
}

/** The watch for a VM that gets its notice in a file below `root`. */
export function watchFile(root: string, clock: Clock, report: (notice: PreemptionNotice) => void): void {
  const nobody: AskMetadata = async () => ({ status: 0, body: '' });
  watchPreemption(fileSource(`${root}/${noticeFile}`), nobody, clock, report, filePollMs);
}

/** The watch for one of the clouds, asking its real service. */
export function watchCloud(
  cloud: keyof typeof preemptionSources,
  clock: Clock,
  report: (notice: PreemptionNotice) => void,
): void {
  const { source, baseUrl } = preemptionSources[cloud];
  watchPreemption(source, metadataClient(baseUrl), clock, report);
}
