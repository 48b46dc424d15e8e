/** An HTTP answer that is a refusal, with everything that tells why. The SDK's own errors leave headers and reasons out. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly body: string;
  /** The Retry-After header, as it stood there. */
  readonly retryAfter: string | undefined;

  constructor(status: number, body: string, retryAfter: string | undefined) {
    super(`HTTP ${status}`);
    this.name = 'HttpFailure';
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** The part of a response that is looked at. */
interface AnyResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Lets an answer through, and makes an error of a refusal. 401 and 403 have become errors before: the credentials see to them. */
export async function refuseFailures<Response extends AnyResponse>(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new HttpFailure(response.status, await response.text(), response.headers.get('retry-after') ?? undefined);
}
