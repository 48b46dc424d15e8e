import { ConfigError } from '@drover/spec';
import { type OutputFormat, print } from '../output/print.ts';
import { Exit, exitCodeOf } from '../output/exit-code.ts';
import { note } from '../output/terminal.ts';

export interface ConfigCheckOptions {
  readonly config?: string;
  readonly output: OutputFormat;
}

/** `drover config check`: all problems at once, or that there are none. */
export async function checkConfig(options: ConfigCheckOptions): Promise<void> {
  const { loadConfig } = await import('@drover/dispatcher');
  const what = options.config ?? 'the defaults and the environment';
  try {
    loadConfig(options.config, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError) || options.output === 'table' || options.output === 'wide') throw error;
    print(options.output, {
      items: error.problems,
      columns: [],
      name: ({ path }) => path,
      json: { valid: false, problems: error.problems },
    });
    throw new Exit(exitCodeOf(error));
  }
  const verdict = { valid: true, problems: [] };
  if (options.output === 'json')
    return print(options.output, { items: [], columns: [], name: () => '', json: verdict });
  note(`${what}: no problems`);
}
