export function openApiDocument(): Readonly<Record<string, unknown>> {
  return { openapi: '3.1.0', info: { title: 'drover', version: '1' } };
}
