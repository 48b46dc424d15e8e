/** Values that a container file may leave out. */
export const containerDefaults = {
  vcpus: 1,
  ramBytes: 256 * 2 ** 20,
  priority: 500,
  attempts: 1,
} as const;

/** Bounds of a container file. */
export const containerLimits = {
  maxPriority: 1_000,
  maxVcpus: 100_000,
  maxGpus: 1_000,
  maxAttempts: 100,
  maxNameLength: 200,
  maxImageLength: 1_024,
  /** Linux: PATH_MAX, terminator included. */
  maxPathBytes: 4_096,
  maxTypePatterns: 100,
  maxScratchMounts: 64,
  /** Linux: MAX_ARG_STRLEN, 32 pages of 4 KiB, for one argument or `KEY=value`, terminator included. */
  maxStringBytes: 131_072,
  /**
   * Linux gives arguments and environment together a quarter of the stack limit, 2 MiB by default, pointers included. What is
   * left above this bound is for the variables that the runner adds.
   */
  maxTotalBytes: 2_000_000,
  /** Containers of one submission, which lands as a whole or not at all. */
  maxContainers: 100_000,
} as const;
