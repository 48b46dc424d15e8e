import type { CreateRequest } from '@drover/spec';
import type { PortCall } from './port-call.ts';

/** A call that asks the cloud for VMs. */
export function isCreate(call: PortCall): call is PortCall & { readonly request: CreateRequest } {
  return call.port === 'cloud' && call.operation === 'create';
}
