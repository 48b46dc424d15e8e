import { type CreateRequest, type CreateResult, DroverError, type ErrorCode, type InstanceSet } from '@drover/spec';

/** A create that failed. */
export interface FailedCreate {
  readonly error: DroverError;
  readonly request: CreateRequest;
  /** Asks the cloud, as the failed call did. */
  readonly create: (request: CreateRequest) => Promise<readonly CreateResult[]>;
}

/** A cloud whose failed creates of these kinds end in another way. */
export function withFailedCreates(
  cloud: InstanceSet,
  codes: readonly ErrorCode[],
  instead: (failed: FailedCreate) => Promise<readonly CreateResult[]>,
): InstanceSet {
  return {
    ...cloud,
    create: async (request, options) => {
      const create = (other: CreateRequest): Promise<readonly CreateResult[]> => cloud.create(other, options);
      try {
        return await create(request);
      } catch (error) {
        if (!DroverError.is(error) || !codes.includes(error.code) || options.signal.aborted) throw error;
        return instead({ error, request, create });
      }
    },
  };
}
