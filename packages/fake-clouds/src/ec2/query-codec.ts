import { checkScalar, ec2Model, SchemaViolation, type ShapeRef, shapeOf } from './model.ts';
import type { Structure, Value } from './values.ts';

/** A request, read as the model says. */
export interface Ec2Call {
  readonly action: string;
  readonly input: Structure;
}

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/**
 * Reads a request of the EC2 query protocol and checks it against the model: no unknown parameter, nothing required missing, every
 * value of its type and among those that are allowed.
 * @throws SchemaViolation
 */
export function readCall(body: string): Ec2Call {
  const root = treeOf(new URLSearchParams(body));
  const action = take(root, 'Action') ?? '';
  const version = take(root, 'Version');
  if (version !== ec2Model.apiVersion) throw new SchemaViolation(`Version: ${version} is not ${ec2Model.apiVersion}`);
  const operation = ec2Model.operations[action];
  if (operation?.input === undefined) throw new SchemaViolation(`the fake knows no action ${action}`);
  return { action, input: readStructure(operation.input, root, action) };
}

function treeOf(params: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [key, value] of params) {
    let node = root;
    for (const part of key.split('.')) {
      const child = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  return root;
}

function take(root: Node, key: string): string | undefined {
  const value = root.children.get(key)?.value;
  root.children.delete(key);
  return value;
}

/** What the query protocol calls a member. */
function queryName(member: string, ref: ShapeRef): string {
  const name = ref.locationName ?? member;
  return ref.queryName ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function readStructure(shapeName: string, node: Node, path: string): Structure {
  const shape = shapeOf(shapeName);
  const read: Record<string, Value> = {};
  const left = new Set(node.children.keys());
  for (const [member, ref] of Object.entries(shape.members ?? {})) {
    const name = queryName(member, ref);
    const child = node.children.get(name);
    if (child === undefined) continue;
    left.delete(name);
    read[member] = readValue(ref.shape, child, `${path}.${name}`);
  }
  for (const name of left) throw new SchemaViolation(`${path}: the model has no parameter ${name}`);
  for (const member of shape.required ?? [])
    if (!Object.hasOwn(read, member)) throw new SchemaViolation(`${path}: ${member} is required`);
  return read;
}

function readValue(shapeName: string, node: Node, path: string): Value {
  const shape = shapeOf(shapeName);
  if (shape.type === 'structure') return readStructure(shapeName, node, path);
  if (shape.type === 'list') return readList(shape.member, node, path);
  if (node.value === undefined || node.children.size > 0) throw new SchemaViolation(`${path}: a ${shape.type} is due`);
  const value = readScalar(shape.type, node.value, path);
  if (!(value instanceof Date)) checkScalar(shape, value, path);
  return value;
}

function readList(member: ShapeRef | undefined, node: Node, path: string): readonly Value[] {
  if (member === undefined) throw new SchemaViolation(`${path}: a list without a member`);
  return Array.from({ length: node.children.size }, (_, index) => {
    const child = node.children.get(`${index + 1}`);
    if (child === undefined) throw new SchemaViolation(`${path}: items must be numbered from 1 without gaps`);
    return readValue(member.shape, child, `${path}.${index + 1}`);
  });
}

function readScalar(type: string, text: string, path: string): string | number | boolean | Date {
  switch (type) {
    case 'string':
    case 'blob':
      return text;
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      break;
    case 'integer':
    case 'long':
      if (/^-?\d+$/.test(text)) return Number(text);
      break;
    case 'float':
    case 'double':
      if (text !== '' && Number.isFinite(Number(text))) return Number(text);
      break;
    case 'timestamp':
      if (!Number.isNaN(Date.parse(text))) return new Date(text);
      break;
    default:
  }
  throw new SchemaViolation(`${path}: ${text} is no ${type}`);
}
