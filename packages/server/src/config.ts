/** What the service is started with. The command line's options have the same names in kebab-case. */
export interface ServerOptions {
  /** default 127.0.0.1 */
  readonly host?: string;
  /** 0 picks a free one; default 8080 */
  readonly port?: number;
  /** a second port with the same routes over TLS; 0 picks a free one */
  readonly tlsPort?: number;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
  /** what absolute URLs begin with; default: what the Host header says */
  readonly publicUrl?: string;
  /** a folder, or `memory` (default): a temporary one, removed at the end */
  readonly data?: string;
  /** 32 bytes; default DIR/master.key, made with mode 0600 when missing. `TRUNKLINE_MASTER_KEY` (base64) wins. */
  readonly masterKeyFile?: string;
  /** `demo`: Ana and Ben and a conversation's worth of people; a JSON file; `none` (default) */
  readonly seed?: string;
  /** webhooks and file URLs may go to private addresses; only when bound to loopback */
  readonly allowPrivateTargets?: boolean;
  /** hours that unacknowledged events are kept, default 24 */
  readonly retentionHours?: number;
  /** pino level, default `warn` */
  readonly logLevel?: string;
}

/** {@link ServerOptions}, resolved once. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly publicUrl: string | undefined;
  readonly data: string;
  readonly masterKeyFile: string | undefined;
  readonly masterKey: string | undefined;
  readonly seed: string;
  readonly allowPrivateTargets: boolean;
  readonly retentionMs: number;
  readonly logLevel: string;
  readonly limits: {
    /** bytes of a JSON body */
    readonly bodyBytes: number;
    /** bytes of one file */
    readonly fileBytes: number;
    /** bytes of one socket frame */
    readonly frameBytes: number;
    readonly socketsPerUser: number;
    readonly devicesPerUser: number;
  };
}
