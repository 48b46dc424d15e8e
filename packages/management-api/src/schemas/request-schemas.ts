import * as z from 'zod';
import { containerLimits } from '../container-file/container-options.ts';
import { containerStates, logStreamSchema } from './container-schemas.ts';

/** Most rows of one page of a list. */
export const maxPageRows = 1_000;

const wholeNumber = z.coerce.number().int();
const generation = wholeNumber.min(1).optional().describe('Attempt; default: the last.');

/** Query of `GET /v1/containers`. */
export const containerQuerySchema = z.strictObject({
  state: z.array(z.enum(containerStates)).optional().describe('One or more, repeated or separated by commas.'),
  limit: wholeNumber.min(1).max(maxPageRows).optional().describe('Default 100.'),
  after: z.string().optional().describe('The last UUID of the page before.'),
});

/** Query of the event paths. */
export const eventQuerySchema = z.strictObject({
  after: wholeNumber.min(0).optional().describe('Only events with a higher sequence.'),
  limit: wholeNumber.min(1).max(maxPageRows).optional().describe('JSON only; default 500.'),
});

/** Query of `GET /v1/containers/{uuid}/logs`. */
export const logQuerySchema = z.strictObject({
  stream: logStreamSchema.default('stdout'),
  offset: wholeNumber.min(0).default(0).describe('Bytes to skip.'),
  maxBytes: wholeNumber.min(1).optional().describe('At most 256 KiB are given; default: all there is, streamed.'),
  follow: z.stringbool().default(false).describe('Wait for more until the attempt has ended.'),
  generation,
});

const reason = z.string().max(1_000).optional().describe('Recorded in the history.');

/** Body of cancel and of the instance actions. */
export const reasonSchema = z.strictObject({ reason });

/** Body of `POST /v1/containers/{uuid}/priority`. */
export const prioritySchema = z.strictObject({
  priority: z.int().min(0).max(containerLimits.maxPriority).describe('0 cancels.'),
  reason,
});

/** What an `Idempotency-Key` may look like. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;
