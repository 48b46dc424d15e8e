import { ConfigError, DroverError, type Problem } from '@drover/spec';
import { shownLine } from './shown-line.ts';
import { note, oneLine, paint } from './terminal.ts';

/** Says on stderr what went wrong, why, and how to mend it. */
export function printError(error: unknown): void {
  if (!DroverError.is(error)) {
    note(`${red('error:')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    note(`  This is a fault of drover itself.   ${dim('INTERNAL')}`);
    return;
  }
  const problems = problemsOf(error);
  if (problems.length > 0) {
    for (const problem of problems) printProblem(problem, error instanceof ConfigError);
    return;
  }
  note(`${red('error:')} ${safeLines(error.message)}`);
  if (error.fix !== undefined) note(`  ${paint('bold', 'fix:', process.stderr)} ${oneLine(error.fix)}`);
  note(`  ${dim(`${error.code} (drover explain ${error.code})`)}`);
}

/** Both ConfigError and the client's ApiError carry problems; another copy's class is recognised by its shape. */
function problemsOf(error: DroverError): readonly Problem[] {
  return 'problems' in error && Array.isArray(error.problems) ? error.problems.filter(isProblem) : [];
}

/** Only what was found here tells of files of this machine; a dispatcher's answer names what it was sent. */
function printProblem(problem: Problem, isOurs: boolean): void {
  const { file, line, column = 1, message, fix, code } = problem;
  const place =
    file === undefined ? red('error:') : `${paint('bold', `${oneLine(file)}:${line ?? 1}:${column}`, process.stderr)} `;
  note(`${place} ${oneLine(message)}${fix === undefined ? '' : `; ${oneLine(fix)}`}   ${dim(code)}`);
  const source = !isOurs || file === undefined || line === undefined ? undefined : shownLine(file, line, problem.path);
  if (source === undefined) return;
  note(`    ${oneLine(source)}`);
  note(`    ${' '.repeat(Math.min(column, source.length + 1) - 1)}${red('^')}`);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

function safeLines(text: string): string {
  return text.split('\n').map(oneLine).join('\n  ');
}

function red(text: string): string {
  return paint(['red', 'bold'], text, process.stderr);
}

function dim(text: string): string {
  return paint('dim', text, process.stderr);
}
