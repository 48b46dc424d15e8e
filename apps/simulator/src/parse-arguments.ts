import { parseArgs } from 'node:util';
import { type FaultName, faultNames } from './faults/fault-names.ts';

/** What the command line asks for. */
export interface Arguments {
  readonly seed: number;
  readonly runs: number;
  /** Replaces the faults that each seed draws. */
  readonly faults: readonly FaultName[] | undefined;
  /** Replaces the number of containers that each seed draws. */
  readonly containers: number | undefined;
  /** Print this many of the last lines of the trace of a failing run. */
  readonly traceLines: number;
  /** Print every line of the history that contains this. */
  readonly follow: string | undefined;
  /** Go on after a seed that breaks something, and print one line for each. */
  readonly keepGoing: boolean;
  /** Run each seed once instead of twice (then nothing is said about repeatability). */
  readonly once: boolean;
}

/** Throws an Error that says what is wrong with the arguments. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1' },
      faults: { type: 'string' },
      containers: { type: 'string' },
      trace: { type: 'string', default: '40' },
      follow: { type: 'string' },
      'keep-going': { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
    },
  });
  return {
    seed: count('--seed', values.seed),
    runs: count('--runs', values.runs),
    faults: values.faults === undefined ? undefined : parseFaults(values.faults),
    containers: values.containers === undefined ? undefined : count('--containers', values.containers),
    traceLines: count('--trace', values.trace),
    follow: values.follow,
    keepGoing: values['keep-going'],
    once: values.once,
  };
}

function count(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}"`);
  return Number(text);
}

function parseFaults(text: string): readonly FaultName[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const known = faultNames.find((fault) => fault === name);
      if (known === undefined) throw new Error(`no fault is called "${name}"; there are ${faultNames.join(', ')}`);
      return known;
    });
}
