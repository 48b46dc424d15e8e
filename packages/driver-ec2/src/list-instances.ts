import type { CallOptions, Tags } from '@drover/spec';
import { inListMark } from './batch-tags.ts';
import { ec2Times } from './ec2-options.ts';
import type { Ec2Api, SdkInstance } from './sdk-subset.ts';

/**
 * Every VM that may carry the tags, in every state, page by page, so that nobody need keep what the SDK makes of all of them. Ends
 * with an error when a page is missing.
 */
export async function* listPages(
  api: Ec2Api,
  tags: Tags,
  options: CallOptions,
): AsyncGenerator<readonly SdkInstance[], void, void> {
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
    yield (page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
}

/** In a filter `*` and `?` stand for anything. */
function literally(value: string): string {
  return value.replaceAll(/[\\*?]/g, (special) => `\\${special}`);
}
