import { ConfigError, type ContainerSpec, type Problem } from '@drover/spec';
import { parseYaml, type SourceDocument, type SourceText, validateDocuments } from '../document/yaml-document.ts';
import { containerSchema } from './container-file-schema.ts';
import { jsonLines, looksLikeJsonLines } from './json-lines.ts';
import { containerLimits } from './container-options.ts';

/**
 * Reads the containers of a text: YAML with one or many documents, each a container or a list of them, or JSON lines.
 * @throws ConfigError with every problem of every container and its place.
 */
export function readContainers(source: SourceText): readonly ContainerSpec[] {
  return validateDocuments(containerDocuments(source), containerSchema, { invalidCode: 'CONTAINER_INVALID' });
}

/**
 * The containers of a text as plain data, not validated, in the form that the API takes.
 * @throws ConfigError on syntax errors, or when there are none or too many.
 */
export function containerDocuments(source: SourceText): readonly SourceDocument[] {
  const documents = looksLikeJsonLines(source) ? jsonLines(source) : parseYaml(source);
  const containers = documents.flatMap(listItems);
  if (containers.length === 0) throw new ConfigError([whole(source, 'there is no container in it')]);
  if (containers.length > containerLimits.maxContainers) {
    const most = containerLimits.maxContainers.toLocaleString('en');
    throw new ConfigError([whole(source, `there are more than ${most} containers in it; submit them in parts`)]);
  }
  return containers;
}

function listItems(document: SourceDocument): readonly SourceDocument[] {
  if (!Array.isArray(document.value)) return [document];
  return document.value.map((value: unknown, index) => ({
    value,
    locate: (path, of) => document.locate([index, ...path], path.length === 0 ? 'value' : of),
  }));
}

function whole(source: SourceText, message: string): Problem {
  return { code: 'CONTAINER_INVALID', path: '', message, file: source.file, line: 1, column: 1 };
}
