import { createLoopbackDriver } from '../src/driver.ts';
import { loopbackParams } from '../src/params.ts';
import { context, requestOne } from './surroundings.ts';

// Program of a test: a dispatcher that creates VMs in a state directory for an authorised key, until it is killed.
const [, , stateDirectory = '', authorizedKey = ''] = process.argv;
const set = await createLoopbackDriver().open(loopbackParams.parse({}), context({ stateDirectory }));
console.log('begins');
const { signal } = new AbortController();
await Promise.all(['vm-0', 'vm-1', 'vm-2'].map((id) => set.create(requestOne(set, id, authorizedKey), { signal })));
setInterval(() => undefined, 60_000);
