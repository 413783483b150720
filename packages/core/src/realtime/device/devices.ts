import { EXCESSIVE_DEVICES, type WdmDevice, type WdmRegistration } from '@trunkline/wire';
import type { Clock } from '../../kernel/clock.js';
import { isSdkError, sdkError } from '../../kernel/errors.js';
import type { HttpResponse, RequestOptions, ResolvedConfig } from '../../kernel/host.js';
import type { Logger } from '../../kernel/log.js';

/** This client's device at the service. */
export interface Devices {
  readonly current: WdmDevice | undefined;
  /** The device, registered when there is none yet; once for all callers. */
  ensure(): Promise<WdmDevice>;
  /** Asks the service about it again; a device that is gone is registered again. */
  refresh(): Promise<WdmDevice>;
  /** From now on this is the device: another client of ours has registered it. */
  readonly adopt: (device: WdmDevice) => void;
  /** Removes it at the service, if there is one. */
  remove(): Promise<void>;
  /**
   * Forgets it and stops its timer; answers what there was. One that is just being registered is waited for, for at most
   * `withinMs`: the service has it before we know its URL.
   */
  release(withinMs: number): Promise<WdmDevice | undefined>;
}

export interface DevicesParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ResolvedConfig;
  /** @param outlives goes on when the client closes */
  readonly send: <T>(options: RequestOptions, outlives?: boolean) => Promise<HttpResponse<T>>;
  readonly report: (error: unknown, context: string) => void;
}

const query = { includeUpstreamServices: 'all' };

/** @source protocol/device-and-mercury.md §2 */
export function createDevices({ clock, log, config, send, report }: DevicesParts): Devices {
  const { name, ttlS } = config.device;
  const registration: WdmRegistration = {
    name,
    deviceType: 'WEB',
    model: 'web-js-sdk',
    localizedModel: 'webex-js-sdk',
    systemName: 'WEBEX_JS_SDK',
    systemVersion: '1.0.0',
    ...(ttlS !== undefined && { ttl: ttlS }),
  };
  let current: WdmDevice | undefined;
  let etag: string | undefined;
  let pending: Promise<WdmDevice> | undefined;
  let cancelTimer: (() => void) | undefined;
  let released = false;
  const ending = new AbortController();

  const keep = ({ body, headers }: HttpResponse): WdmDevice => {
    const answered = checked(body);
    const tag = headers.get('etag') ?? undefined;
    // the same etag: developer toggles are as before
    current =
      tag !== undefined && tag === etag && current
        ? { ...answered, features: { ...answered.features, developer: current.features.developer } }
        : answered;
    etag = tag;
    stayAlive();
    return current;
  };
  const stayAlive = (): void => {
    cancelTimer?.();
    if (ttlS === undefined || released) return;
    const delayS = Math.min(ttlS / 2 + 60, ttlS * 0.75);
    cancelTimer = clock.after(
      delayS * 1000,
      () => {
        once(update).catch((error: unknown) => {
          if (released) return;
          report(error, 'keeping the ephemeral device alive');
          stayAlive();
        });
      },
      { unref: true },
    );
  };
  const post = async (): Promise<WdmDevice> => {
    const { signal } = ending;
    const options = { method: 'POST', service: 'wdm', path: '/devices', query, body: registration } as const;
    return keep(await send({ ...options, signal }, true));
  };
  const register = async (): Promise<WdmDevice> => {
    try {
      return await post();
    } catch (error) {
      if (!isExcessive(error)) throw error;
    }
    log.info({}, 'too many devices are registered: removing the oldest');
    await removeOldest();
    try {
      return await post();
    } catch (cause) {
      if (!isExcessive(cause)) throw cause;
      throw sdkError(
        'ERR_TOO_MANY_DEVICES',
        'this user has too many devices; remove some and connect again',
        {
          cause,
        },
      );
    }
  };
  // @source protocol/device-and-mercury.md §2.4
  const removeOldest = async (): Promise<void> => {
    type Found = { readonly devices?: readonly WdmDevice[] };
    const { body } = await send<Found>({ service: 'wdm', path: '/devices' });
    const mine = (body.devices ?? [])
      .filter(({ deviceType }) => deviceType === registration.deviceType)
      .sort((a, b) => Date.parse(a.modificationTime ?? '') - Date.parse(b.modificationTime ?? ''));
    if (mine.length <= 2) return;
    const oldest = mine.slice(0, Math.ceil(mine.length / 3));
    await Promise.any(oldest.map(({ url }) => send({ method: 'DELETE', url }))).catch(() => undefined);
  };
  const update = async (): Promise<WdmDevice> => {
    const known = current;
    if (known === undefined) return register();
    try {
      const answer = await send({
        method: 'PUT',
        url: known.url,
        query,
        body: { ...known, features: undefined, ...registration },
        headers: etag === undefined ? {} : { 'if-none-match': etag },
      });
      if (answer.status === 304 || answer.body === undefined) {
        stayAlive();
        return known;
      }
      return keep(answer);
    } catch (error) {
      if (!isSdkError(error) || error.code !== 'ERR_NOT_FOUND') throw error;
      current = etag = undefined;
      return register();
    }
  };
  const once = (work: () => Promise<WdmDevice>): Promise<WdmDevice> =>
    (pending ??= work().finally(() => {
      pending = undefined;
    }));

  return {
    get current() {
      return current;
    },
    ensure: () => (current === undefined ? once(register) : Promise.resolve(current)),
    refresh: () => once(update),
    adopt: (device) => {
      current = device;
      etag = undefined;
      stayAlive();
    },
    remove: async () => {
      await pending?.catch(() => undefined);
      if (current === undefined) return;
      try {
        await send({ method: 'DELETE', url: current.url });
      } catch (error) {
        // gone already is what was wanted
        if (!isSdkError(error) || error.code !== 'ERR_NOT_FOUND') throw error;
      }
      cancelTimer?.();
      current = etag = undefined;
    },
    release: async (withinMs) => {
      released = true;
      cancelTimer?.();
      if (pending) {
        const stop = clock.after(withinMs, () => {
          ending.abort(sdkError('ERR_CLIENT_CLOSED', 'the client was closed'));
        });
        await pending.catch(() => undefined);
        stop();
      }
      const known = current;
      current = undefined;
      return known;
    },
  };
}

const isExcessive = (error: unknown): boolean =>
  isSdkError(error) && error.message.includes(EXCESSIVE_DEVICES);

function checked(body: unknown): WdmDevice {
  const { features, ...device } = { ...(body as Partial<WdmDevice> | undefined) };
  const { url, webSocketUrl, userId } = device;
  if (typeof url !== 'string' || typeof webSocketUrl !== 'string' || typeof userId !== 'string')
    throw sdkError('ERR_BAD_RESPONSE', 'the device service answered without url, webSocketUrl or userId');
  // the catalog says it better
  for (const name of ['services', 'serviceHostMap']) Reflect.deleteProperty(device, name);
  const none = { developer: [], entitlement: [], user: [] };
  return { ...device, url, webSocketUrl, userId, features: { ...none, ...features } };
}
