import { DroverError } from '@drover/spec';

/** Another dispatcher holds the queue; `holder` says who, when that is known. */
export function queueInUse(holder: string | undefined): DroverError {
  const who = holder === undefined ? 'another dispatcher' : holder;
  return new DroverError('QUEUE_IN_USE', `the queue is in use by ${who}`, {
    fix: 'stop the other dispatcher, or give this one a queue of its own',
  });
}

/** The caller does not lead (any more), so it may change nothing. */
export function notLeading(operation: string): DroverError {
  return new DroverError('QUEUE_IN_USE', `${operation} is refused: this dispatcher does not lead the queue`, {
    fix: 'call lead() first; after leadership was lost, stop',
  });
}
