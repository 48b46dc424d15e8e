import { measureFirstClient } from './first-client.ts';
import { measureListing } from './listing.ts';

export { measureFirstClient, measureListing };

/** Everything about this driver. */
export async function measureGceDriver() {
  return [...(await measureFirstClient()), ...(await measureListing())];
}
