import { createInterface } from 'node:readline/promises';
import { Exit, exitCodes } from './exit-code.ts';
import { note } from './terminal.ts';
import { usageError } from './usage-error.ts';

/**
 * Asks before something is destroyed.
 * @throws DroverError CLI_USAGE where nobody can be asked; Exit when the answer is no.
 */
export async function confirmed(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usageError('this cannot be undone, and there is no terminal to ask on', 'add --yes');
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  note('nothing was done');
  throw new Exit(exitCodes.error);
}
