import { checkScalar, ec2Model, SchemaViolation, shapeOf } from './model.ts';
import type { Structure, Value } from './values.ts';

/**
 * An answer as XML, checked against the model: no member that it does not know, every value of its type.
 * @throws SchemaViolation
 */
export function writeAnswer(action: string, requestId: string, output: Structure): string {
  const shape = ec2Model.operations[action]?.output;
  const body = shape === undefined ? '' : writeStructure(shape, output, action);
  const xmlns = `http://ec2.amazonaws.com/doc/${ec2Model.apiVersion}/`;
  return `${declaration}<${action}Response xmlns="${xmlns}">${element('requestId', requestId)}${body}</${action}Response>`;
}

/** An error in the form of the EC2 query protocol. */
export function writeError(code: string, message: string, requestId: string): string {
  const error = `<Error>${element('Code', escaped(code))}${element('Message', escaped(message))}</Error>`;
  return `${declaration}<Response><Errors>${error}</Errors>${element('RequestID', requestId)}</Response>`;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

function writeStructure(shapeName: string, value: Value, path: string): string {
  const members = shapeOf(shapeName).members ?? {};
  return Object.entries(value)
    .filter(([, content]) => content !== undefined)
    .map(([member, content]) => {
      const ref = members[member];
      if (ref === undefined) throw new SchemaViolation(`${path}: the model has no member ${member}`);
      return element(ref.locationName ?? member, writeValue(ref.shape, content, `${path}.${member}`));
    })
    .join('');
}

function writeValue(shapeName: string, value: Value, path: string): string {
  const shape = shapeOf(shapeName);
  if (shape.type === 'structure') return writeStructure(shapeName, value, path);
  if (shape.type === 'list') {
    const { member } = shape;
    if (!Array.isArray(value) || member === undefined) throw new SchemaViolation(`${path}: a list is due`);
    const name = member.locationName ?? 'member';
    return value.map((item, index) => element(name, writeValue(member.shape, item, `${path}.${index}`))).join('');
  }
  if (shape.type === 'timestamp') {
    if (value instanceof Date) return value.toISOString();
  } else if (typeof value === scalarTypes[shape.type]) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      checkScalar(shape, value, path);
      return escaped(String(value));
    }
  }
  throw new SchemaViolation(`${path}: ${JSON.stringify(value)} is no ${shape.type}`);
}

const scalarTypes: Readonly<Record<string, string>> = {
  string: 'string',
  blob: 'string',
  boolean: 'boolean',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
};

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
