import model from './model.json' with { type: 'json' };

/** A value's description in AWS's model of the API. */
export interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, ShapeRef>>;
  readonly member?: ShapeRef;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}

/** Where a structure uses a shape, and what the wire calls it there. */
export interface ShapeRef {
  readonly shape: string;
  readonly locationName?: string;
  readonly queryName?: string;
}

/** AWS's own model of the API, reduced by `scripts/reduce-ec2-model.ts` to what the fake answers. */
export interface Ec2Model {
  readonly source: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly operations: Readonly<Record<string, { readonly input?: string; readonly output?: string }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export const ec2Model: Ec2Model = model;

/** The shape of this name. */
export function shapeOf(name: string): Shape {
  const shape = ec2Model.shapes[name];
  if (shape === undefined) throw new SchemaViolation(`the model has no shape ${name}`);
  return shape;
}

/** A request or an answer that AWS's model does not allow. */
export class SchemaViolation extends Error {}

/** Checks a scalar against its shape. Nothing is checked for numbers that the model leaves open. */
export function checkScalar(shape: Shape, value: string | number | boolean, path: string): void {
  if (shape.enum !== undefined && !shape.enum.includes(String(value)))
    throw new SchemaViolation(`${path}: ${value} is none of the model's values`);
  if (typeof value === 'boolean') return;
  const size = typeof value === 'string' ? value.length : value;
  if (size < (shape.min ?? -Infinity)) throw new SchemaViolation(`${path}: ${size} is less than ${shape.min}`);
  if (size > (shape.max ?? Infinity)) throw new SchemaViolation(`${path}: ${size} is more than ${shape.max}`);
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`).test(String(value)))
    throw new SchemaViolation(`${path}: ${value} does not match ${shape.pattern}`);
}
