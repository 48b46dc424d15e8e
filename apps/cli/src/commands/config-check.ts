import { ConfigError } from '@drover/spec';
import { type OutputFormat, print } from '../output/print.ts';
import { Exit, exitCodeOf } from '../output/exit-code.ts';
import { note } from '../output/terminal.ts';
import { configFile } from './config-file.ts';

export interface ConfigCheckOptions {
  readonly config?: string;
  readonly output: OutputFormat;
}

/** `drover config check`: all problems at once, or that there are none. */
export async function checkConfig(options: ConfigCheckOptions): Promise<void> {
  const { loadCheckedConfig } = await import('@drover/dispatcher');
  const file = configFile(options.config);
  const what = file ?? 'the defaults and the environment';
  try {
    await loadCheckedConfig(file, process.env);
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
