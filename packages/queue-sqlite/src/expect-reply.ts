import { DroverError } from '@drover/spec';
import type { Reply } from './protocol.ts';

/** The reply, which must be of this kind. @throws DroverError INTERNAL when it is another */
export function expectReply<K extends Reply['kind']>(reply: Reply, kind: K): Extract<Reply, { readonly kind: K }> {
  if (isKind(reply, kind)) return reply;
  throw new DroverError('INTERNAL', `the queue answered ${reply.kind} where ${kind} was asked for`);
}

function isKind<K extends Reply['kind']>(reply: Reply, kind: K): reply is Extract<Reply, { readonly kind: K }> {
  return reply.kind === kind;
}
