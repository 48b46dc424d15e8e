export { closestName, editDistance } from './document/closest-name.ts';
export {
  dotted,
  type ProblemOptions,
  schemaProblems,
  type TextPlace,
  type ValuePath,
} from './document/schema-problems.ts';
export {
  parseYaml,
  readDocument,
  type ReadOptions,
  type SourceDocument,
  type SourceText,
  validateDocuments,
} from './document/yaml-document.ts';
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
export { type ContainerFile, containerFileSchema, containerSchema } from './container-file/container-file-schema.ts';
export { containerJsonSchema } from './container-file/container-json-schema.ts';
export { containerDefaults, containerLimits } from './container-file/container-options.ts';
export { containerDocuments, readContainers } from './container-file/read-container-file.ts';
