import type { MediaServer } from '@trunkline/media-server';

/** Sound and picture. Nothing of it runs before a user needs it. */
export interface Media {
  /**
   * The media server; the first call starts it.
   *
   * @throws ApiError 501 where `@trunkline/media-server` is not installed, 503 when it does not start
   */
  server(): Promise<MediaServer>;
  /** The media server, when it runs. */
  readonly running: MediaServer | undefined;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly media: Media;
  }
}
