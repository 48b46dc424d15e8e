import { executorConformance } from '@drover/testkit/conformance';
import { makeSsh2Harness } from './ssh2-harness.ts';

executorConformance('ssh over the test server', () => makeSsh2Harness());
