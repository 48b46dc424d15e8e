export { createLoopbackDriver, loopbackDriver, type LoopbackDriverOptions } from './driver.ts';
export { localhostInstanceType } from './localhost-instance-type.ts';
export { type LoopbackParams, loopbackParams } from './params.ts';
