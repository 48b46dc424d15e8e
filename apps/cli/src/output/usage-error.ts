import { DroverError } from '@drover/spec';

/** For a command line that cannot mean anything. */
export function usageError(message: string, fix?: string): DroverError {
  return new DroverError('CLI_USAGE', message, fix === undefined ? {} : { fix });
}
