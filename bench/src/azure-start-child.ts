/** Prints how long it takes from nothing to the Azure driver's first client, in milliseconds. */
import { openAzure } from './azure-set.ts';

const started = performance.now();
const { createAzureDriver } = await import('@drover/driver-azure');
const set = await openAzure(createAzureDriver);
console.log(performance.now() - started);
await set.close();
