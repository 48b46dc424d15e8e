/** The instance set that the simulated dispatchers work for. */
export const instanceSetId = 'simulated-set';
/** Before every tag key. */
export const tagKeyPrefix = 'Sim';
