export { createSshExecutorFactory } from './create-ssh-executor-factory.ts';
export { type BastionOptions, sshDefaults, type SshExecutorOptions, type SshLimits } from './executor-options.ts';
export { generateSshKeyPair, type SshKeyPair } from './ssh-key.ts';
