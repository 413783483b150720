/** Serves the built demo on 127.0.0.1; port 0 (default) is any free one. */
export function serveDemo(options: {
  readonly service: string;
  readonly clientId: string;
  readonly port?: number;
  readonly people?: readonly { readonly name: string; readonly email: string }[];
}): Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
