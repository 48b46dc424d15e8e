export { ec2Defaults } from './ec2-options.ts';
