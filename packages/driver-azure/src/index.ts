export { azureDefaults } from './azure-options.ts';
