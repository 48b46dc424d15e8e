import * as z from 'zod';

const keySchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
});

/** What of a service account's key file is used. */
export type ServiceAccountKey = z.output<typeof keySchema>;

/** Reads a key file's text; undefined when it is none. */
export function parseServiceAccountKey(text: string): ServiceAccountKey | undefined {
  try {
    return keySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
