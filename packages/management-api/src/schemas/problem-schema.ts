import * as z from 'zod';

/** One thing that is wrong with a request, in its place. */
export const problemItemSchema = z.object({
  code: z.string(),
  path: z.string(),
  message: z.string(),
  fix: z.string().exactOptional(),
  file: z.string().exactOptional(),
  line: z.number().exactOptional(),
  column: z.number().exactOptional(),
});

/** An error of the API, by RFC 9457, with drover's code and how to mend it. */
export const problemSchema = z.object({
  type: z.string().describe('Where the code is explained.'),
  title: z.string().describe('What the code means in general.'),
  status: z.number(),
  detail: z.string().describe('What went wrong this time.'),
  code: z.string().describe('Stable code of the error catalogue.'),
  fix: z.string().exactOptional().describe('How to mend it.'),
  retryable: z.boolean(),
  problems: z.array(problemItemSchema).exactOptional(),
});

export type ProblemDocument = z.infer<typeof problemSchema>;

/** Media type of `ProblemDocument`. */
export const problemMediaType = 'application/problem+json';
