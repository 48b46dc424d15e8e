import type { ApiRole } from './api-deps.ts';
import type { ApiRequest } from './api-context.ts';

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `:name` for parameters. */
  readonly path: string;
  /** Who may use it; `anyone`: also without a token, so it tells nothing about the installation. */
  readonly role: ApiRole | 'anyone';
  readonly handle: (request: ApiRequest) => Response | Promise<Response>;
}
