/** What a metadata service says about the end of this VM. */
export interface PreemptionNotice {
  /** For people and logs. */
  readonly detail: string;
  /** True: it will end, runs are told to save what they can. False: it may end soon; nothing new is started. */
  readonly imminent: boolean;
}

/** One question to a metadata service. `status` 0: it could not be reached. */
export interface MetadataReply {
  readonly status: number;
  readonly body: string;
}

export type AskMetadata = (
  path: string,
  options: { readonly method?: 'GET' | 'PUT'; readonly headers: Readonly<Record<string, string>> },
) => Promise<MetadataReply>;

/** Asks once; undefined: nothing is announced, or nobody answers. Never throws. */
export type PreemptionSource = (ask: AskMetadata) => Promise<PreemptionNotice | undefined>;

/** How long one question may take. The services are on the same host. */
const timeoutMs = 2000;
/** Their answers are short. */
const maxBodyBytes = 64 << 10;

/** Asks a service over plain HTTP, as all of them are. The module is loaded with the first question only. */
export function metadataClient(baseUrl: string): AskMetadata {
  return async (path, { method = 'GET', headers }) => {
    const { request } = await import('node:http');
    return new Promise((resolve) => {
      const call = request(`${baseUrl}${path}`, { method, headers, timeout: timeoutMs, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
          if (body.length > maxBodyBytes) call.destroy();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', () => resolve({ status: 0, body: '' }));
      });
      call.on('timeout', () => call.destroy());
      call.on('error', () => resolve({ status: 0, body: '' }));
      call.end();
    });
  };
}
