import type { Figure } from '@drover/testkit/figure';
import { burst } from './burst.ts';
import { listing } from './listing.ts';
import { clientStart } from './start.ts';

/** What the EC2 driver costs: its start, a large listing, a burst of creates. */
export async function measureEc2(): Promise<readonly Figure[]> {
  return [await clientStart(), ...(await listing()), ...(await burst())];
}
