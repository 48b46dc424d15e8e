/** A structured value of a request or an answer, as the model describes it. */
export type Value = string | number | boolean | Date | readonly Value[] | Structure;

/** A structure; members that are undefined are not there. */
export interface Structure {
  readonly [member: string]: Value | undefined;
}

/** A structure's member that is a structure; an empty one when it is not there. */
export function structureIn(parent: Structure, member: string): Structure {
  const value = parent[member];
  return isStructure(value) ? value : {};
}

/** A structure's member that is a list of structures. */
export function structuresIn(parent: Structure, member: string): readonly Structure[] {
  const value = parent[member];
  return Array.isArray(value) ? value.filter(isStructure) : [];
}

/** A structure's member that is a list of texts. */
export function textsIn(parent: Structure, member: string): readonly string[] {
  const value = parent[member];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** A structure's member that is a text, or undefined. */
export function textIn(parent: Structure, member: string): string | undefined {
  const value = parent[member];
  return typeof value === 'string' ? value : undefined;
}

/** A structure's member that is a number, or undefined. */
export function numberIn(parent: Structure, member: string): number | undefined {
  const value = parent[member];
  return typeof value === 'number' ? value : undefined;
}

function isStructure(value: unknown): value is Structure {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
