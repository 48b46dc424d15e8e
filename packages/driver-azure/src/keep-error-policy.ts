/** The header in which an answer keeps its own body when it is an error; made here, never sent. */
export const errorBodyHeader = 'drover-error-body';

interface PolicyResponse {
  readonly status: number;
  readonly bodyAsText?: string | null;
  readonly headers: { set(name: string, value: string): void };
}

/**
 * A policy for the SDK's pipeline. Its errors of lists and long-running calls lose what the body said beside code and message: the
 * parameter that is wrong, the end of a throttled period. Headers survive.
 */
export const keepErrorPolicy = {
  name: 'droverKeepError',
  async sendRequest<Request, Response extends PolicyResponse>(
    request: Request,
    next: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    const response = await next(request);
    if (response.status >= 400 && typeof response.bodyAsText === 'string')
      response.headers.set(errorBodyHeader, response.bodyAsText.replaceAll(/\s+/g, ' '));
    return response;
  },
};
