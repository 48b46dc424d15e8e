export { azureDefaults } from './azure-options.ts';
export { createAzureDriver, driver } from './driver.ts';
export type { AzureDriverOptions } from './open-clients.ts';
export { type AzureParams, azureParams } from './params.ts';
