export { createGceDriver, driver, type GceDriverOptions } from './driver.ts';
export { gceDefaults } from './gce-options.ts';
export { type GceParams, gceParams } from './params.ts';
