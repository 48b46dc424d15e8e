import { type Driver, type DriverContext, InvalidRequestError, type InstanceSet } from '@drover/spec';
import { CreateInstances } from './create.ts';
import { ConsoleHostKeys } from './host-keys.ts';
import { Ec2InstanceSet } from './instance-set.ts';
import { KeyPairs } from './key-pair.ts';
import { Ec2Metrics } from './metrics.ts';
import { type Ec2Params, ec2Params, ec2ParamsJsonSchema } from './params.ts';
import { permissionPolicy } from './permissions.ts';
import { SpotPrices } from './prices.ts';
import { openSdkClient } from './sdk-client.ts';
import type { Ec2Api } from './sdk-subset.ts';
import { YoungInstances } from './young-instances.ts';

/** What an embedder may decide beside the configuration. */
export interface Ec2DriverOptions {
  /** Makes the client of the EC2 API; default: the AWS SDK, loaded when the first set is opened. */
  readonly openApi?: (params: Ec2Params) => Promise<Ec2Api>;
}

/** VMs of Amazon EC2, in one region. */
export function createEc2Driver(options: Ec2DriverOptions = {}): Driver<Ec2Params> {
  const openApi = options.openApi ?? openSdkClient;
  return {
    specVersion: 1,
    name: 'ec2',
    params: ec2Params,
    paramsJsonSchema: ec2ParamsJsonSchema,
    permissions: permissionPolicy,
    preemptionWatch: 'ec2',
    open: async (params, context) => openSet(await openApi(params), params, context),
  };
}

/** The driver with nothing decided. */
export const driver: Driver<Ec2Params> = createEc2Driver();

function openSet(api: Ec2Api, params: Ec2Params, context: DriverContext): InstanceSet {
  const { clock, instanceSetId } = context;
  if (instanceSetId === '')
    throw new InvalidRequestError('ec2: the instance set needs an id, its VMs carry it in a tag');
  const metrics = new Ec2Metrics(params.subnetId);
  const young = new YoungInstances(clock);
  const keyPairs = new KeyPairs(api, params.keyPairPrefix);
  return new Ec2InstanceSet({
    api,
    params,
    creator: new CreateInstances({ api, params, keyPairs, metrics, young }),
    prices: new SpotPrices(api, params, clock),
    consoleKeys: new ConsoleHostKeys(api, clock),
    seriesOfSet: metrics,
    young,
    context,
  });
}
