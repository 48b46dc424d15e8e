export { bootVm } from './boot.ts';
