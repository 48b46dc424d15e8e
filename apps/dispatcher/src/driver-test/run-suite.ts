import { basename, dirname } from 'node:path';
import { DroverError } from '@drover/spec';
import type { createVitest as CreateVitest, TestCase, Vitest } from 'vitest/node';

/** How one test of a suite went. */
export interface SuiteTest {
  /** Suites and test, from the outermost on. */
  readonly path: readonly string[];
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly tookMs: number;
  /** What failed. */
  readonly errors: readonly string[];
}

/** How a run went. */
export interface SuiteRun {
  /** Something ran and nothing failed. */
  readonly ok: boolean;
  readonly interrupted: boolean;
  readonly tests: readonly SuiteTest[];
  /** What went wrong outside of any test: a file that cannot be loaded, an error that nobody awaited. */
  readonly errors: readonly string[];
}

/** How to run it. */
export interface SuiteOptions {
  readonly file: string;
  readonly signal: AbortSignal;
  readonly onTest: (test: SuiteTest) => void;
}

/**
 * In a checkout packages are used from their sources; elsewhere that condition means nothing to anybody. `module` is for bundlers: by
 * it some packages would be loaded from files that Node cannot run.
 */
const conditions = ['@drover/source', 'node', 'development|production'];

/**
 * Runs a file of vitest tests, such as one that calls `driverConformance`, by vitest's own programming interface, whatever
 * configuration lies around there. An abort lets the test that runs end, and skips the rest.
 * @throws DroverError DRIVER_NOT_OFFERED where there is no vitest
 */
export async function runSuite({ file, signal, onTest }: SuiteOptions): Promise<SuiteRun> {
  const { createVitest } = await loadVitest();
  const tests: SuiteTest[] = [];
  const reporter = {
    onTestCaseResult(testCase: TestCase): void {
      const ended = toSuiteTest(testCase);
      tests.push(ended);
      onTest(ended);
    },
  };
  const vitest = await createVitest(
    'test',
    {
      root: dirname(file),
      config: false,
      include: [basename(file)],
      watch: false,
      reporters: [reporter],
      passWithNoTests: true,
    },
    { ssr: { resolve: { conditions } }, logLevel: 'silent' },
  );
  const cancel = (): void => void vitest.cancelCurrentRun('keyboard-input');
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await runWith(vitest, tests, signal);
  } finally {
    signal.removeEventListener('abort', cancel);
    await vitest.close();
  }
}

async function runWith(vitest: Vitest, tests: readonly SuiteTest[], signal: AbortSignal): Promise<SuiteRun> {
  const { testModules, unhandledErrors } = await vitest.start();
  const errors = [
    ...unhandledErrors.map(messageOf),
    ...testModules.flatMap((module) => module.errors().map(({ message }) => message)),
  ];
  const ok = errors.length === 0 && tests.some(({ result }) => result === 'passed') && !tests.some(isFailure);
  return { ok: ok && !signal.aborted, interrupted: signal.aborted, tests, errors };
}

function isFailure({ result }: SuiteTest): boolean {
  return result === 'failed';
}

function toSuiteTest(testCase: TestCase): SuiteTest {
  const { state, errors = [] } = testCase.result();
  const path = [testCase.name];
  for (let above = testCase.parent; above.type === 'suite'; above = above.parent) path.unshift(above.name);
  return {
    path,
    result: state === 'passed' || state === 'failed' ? state : 'skipped',
    tookMs: testCase.diagnostic()?.duration ?? 0,
    errors: errors.map(({ message }) => message),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function loadVitest(): Promise<{ readonly createVitest: typeof CreateVitest }> {
  try {
    return await import('vitest/node');
  } catch (cause) {
    throw new DroverError('DRIVER_NOT_OFFERED', 'the conformance suite runs on vitest, which is not installed here', {
      fix: 'npm install --save-dev vitest',
      cause,
    });
  }
}
