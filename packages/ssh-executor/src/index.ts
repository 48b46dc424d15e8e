export { createSshExecutorFactory } from './create-ssh-executor-factory.ts';
export { type BastionOptions, sshDefaults, type SshExecutorOptions, type SshLimits } from './executor-options.ts';
export { authorizedKeyOf } from './private-key.ts';
export { generateSshKeyPair } from './ssh-key.ts';
export type { SshKeyPair } from './encode-ed25519-key.ts';
