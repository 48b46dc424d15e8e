export { gceDefaults } from './gce-options.ts';
