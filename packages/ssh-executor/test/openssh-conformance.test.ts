import { executorConformance } from '@drover/testkit/conformance';
import { describe } from 'vitest';
import { noOpenSsh, makeOpenSshHarness } from './openssh-harness.ts';

describe.skipIf(noOpenSsh)('against OpenSSH', () => {
  executorConformance('ssh', makeOpenSshHarness);
});
