import { errorCodes } from '@drover/spec';
import { print, type OutputFormat } from '../output/print.ts';
import { usageError } from '../output/usage-error.ts';

/** `drover explain CODE` */
export async function explainCode(code: string, options: { readonly output: OutputFormat }): Promise<void> {
  const known = Object.entries(errorCodes);
  const [name, meaning] = known.find(([candidate]) => candidate === code.toUpperCase()) ?? [];
  if (name === undefined || meaning === undefined) {
    const { closestName } = await import('@drover/management-api/closest-name');
    const near = closestName(code.toUpperCase(), Object.keys(errorCodes));
    throw usageError(`there is no error code ${code}`, near === undefined ? undefined : `did you mean ${near}?`);
  }
  const item = { code: name, meaning };
  print(options.output, {
    items: [item],
    columns: [],
    name: () => name,
    json: item,
    text: () => `${name}: ${meaning}`,
  });
}
