export { closestName, editDistance } from './document/closest-name.ts';
export {
  byPlace,
  dotted,
  type ProblemOptions,
  schemaProblems,
  type TextPlace,
  type ValuePath,
} from './document/schema-problems.ts';
export { parseYaml, readDocument, type ReadOptions, validateDocuments } from './document/yaml-document.ts';
export { duration, type DurationSchema, size, type SizeSchema } from './units/unit-schemas.ts';
export {
  durationPattern,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  sizePattern,
  type UnitResult,
} from './units/units.ts';
export * from './container-file/index.ts';
export { type Api, createApi } from './api/create-api.ts';
export type { ListenAddress, RunningApi } from './api/listen.ts';
export type {
  ApiDeps,
  ApiHealth,
  ApiMetrics,
  ApiOperations,
  ApiRole,
  ApiToken,
  QueueViewEntry,
} from './api/api-deps.ts';
export { apiDefaults, type ApiOptions } from './api/api-options.ts';
export { isLoopback } from './api/access.ts';
export { openApiDocument } from './openapi/openapi-document.ts';
export type { DispatcherStatus, TypeExplanation } from './schemas/fleet-schemas.ts';
