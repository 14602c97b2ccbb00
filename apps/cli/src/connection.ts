import { UsageError } from './cli-error.js';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Where the server is and who asks. */
export interface Connection {
  /** Without a trailing slash. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

/** What the environment may say; options win over it. */
export interface ConnectionEnvironment {
  readonly PLUMBLINE_URL?: string | undefined;
  readonly PLUMBLINE_API_KEY?: string | undefined;
}

/**
 * Returns the connection of the options, else of the environment, else the default server without a key.
 * @throws UsageError when the URL is none of http or https
 */
export function connectionOf(
  options: { readonly url?: string | undefined; readonly apiKey?: string | undefined },
  environment: ConnectionEnvironment,
): Connection {
  const text = options.url ?? environment.PLUMBLINE_URL ?? DEFAULT_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`"${text}" is no URL of a server: write it as in ${DEFAULT_URL} (--url or PLUMBLINE_URL)`);
  }
  return { url: text.replace(/\/+$/, ''), apiKey: options.apiKey ?? environment.PLUMBLINE_API_KEY };
}
