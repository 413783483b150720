import type { MediaServer } from '@trunkline/media-server';
import { ApiError } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule } from '../../kernel/module.js';
import type { Media } from './api.js';

const notInstalled = (): ApiError =>
  new ApiError(
    501,
    'This service has no sound and picture. Install @trunkline/media-server beside @trunkline/server.',
  );

/** Whether an import failed because the package is not there, and not for a fault in it. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as NodeJS.ErrnoException).code ?? '') &&
  error.message.includes('@trunkline/media-server');

/** Holds the media server, a package of its own that messaging does without. */
export const media = defineModule({ name: 'media', setup: createMedia });

function createMedia({ config, log }: Kernel) {
  let starting: Promise<MediaServer> | undefined;
  let running: MediaServer | undefined;
  let closed = false;

  async function start(): Promise<MediaServer> {
    const { createMediaServer } = await import('@trunkline/media-server').catch((error: unknown) => {
      throw isMissing(error) ? notInstalled() : error;
    });
    const server = await createMediaServer({
      host: config.host,
      port: config.mediaPort,
      announcedAddresses: config.mediaAddresses,
    });
    server.on('trouble', ({ message }) => {
      log.error({ message }, 'media: a fault was caught');
    });
    server.on('engineLost', ({ reason }) => {
      log.error({ reason }, 'media: the engine ended; a new one is started');
    });
    running = server;
    if (closed) await server.close();
    return server;
  }

  const api: Media = {
    get running() {
      return running;
    },
    server: async () => {
      starting ??= start();
      try {
        return await starting;
      } catch (error) {
        // the next one who needs it tries again
        starting = undefined;
        if (error instanceof ApiError) throw error;
        log.error({ err: error }, 'media: the media server does not start');
        throw new ApiError(503, 'Sound and picture cannot be served now. Try again later.', {
          retryAfterS: 5,
        });
      }
    },
  };
  return {
    api,
    close: async () => {
      closed = true;
      await starting?.catch(() => undefined);
      await running?.close();
    },
  };
}
