export { containerJsonSchema } from './container-json-schema.ts';
export { type ContainerFile, containerFileSchema, containerSchema } from './container-file-schema.ts';
export { containerDefaults, containerLimits } from './container-options.ts';
export { looksLikeJsonLines } from './json-lines.ts';
export { containerDocuments, readContainers } from './read-container-file.ts';
export type { SourceDocument, SourceText } from '../document/yaml-document.ts';
