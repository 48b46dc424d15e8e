import { serve } from './serve.ts';

const [verb, stateFolder = '', helper = ''] = process.argv.slice(2);

if (verb === 'serve') {
  await serve({ stateFolder, helper, version: '0.1.0', log: (text) => process.stderr.write(`${text}\n`) });
}
