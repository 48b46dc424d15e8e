import type { CallOptions, Tags } from '@drover/spec';
import { inListMark } from './batch-tags.ts';
import { ec2Times } from './ec2-options.ts';
import type { Ec2Api, SdkInstance } from './sdk-subset.ts';

/** Every VM that may carry the tags, in every state: all pages, or it rejects. */
export async function listInstances(api: Ec2Api, tags: Tags, options: CallOptions): Promise<readonly SdkInstance[]> {
  const vms = new Map<string, SdkInstance>();
  const Filters = Object.entries(tags).map(([key, value]) => ({
    Name: `tag:${key}`,
    // A VM of a batch may have the value in a list; who does is found out by reading it.
    Values: [literally(value), inListMark],
  }));
  let NextToken: string | undefined;
  do {
    const page = await api.describeInstances(
      { Filters, MaxResults: ec2Times.listPageSize, ...(NextToken === undefined ? {} : { NextToken }) },
      options,
    );
    for (const reservation of page.Reservations ?? [])
      for (const vm of reservation.Instances ?? []) vms.set(vm.InstanceId ?? '', vm);
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return [...vms.values()];
}

/** In a filter `*` and `?` stand for anything. */
function literally(value: string): string {
  return value.replaceAll(/[\\*?]/g, (special) => `\\${special}`);
}
