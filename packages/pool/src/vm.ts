// What one VM goes through from its create to a runner that answers, for programs that deal with a VM without a pool.
export { addVm, newBatch, requestOf } from './create-batch.ts';
export { deployRunner, runnerDirectory } from './deploy-runner.ts';
export { failureText } from './deploy-steps.ts';
export { isHostKeyError, type PinnedKeys, proveHost } from './host-identity.ts';
export { parseRunnerStatus } from './runner-messages.ts';
export { asRoot } from './shell-quote.ts';
export { belongsToSet, setTags, tagKey } from './tags.ts';
