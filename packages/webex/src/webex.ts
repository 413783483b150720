import { sdkError, VERSION } from '@trunkline/core';
import { randomUuid } from '@trunkline/core/kit';
import { defaults, merge, withAuthorizationString, type WebexConfig } from './config.js';
import { Authorization, type LogoutOptions } from './authorization.js';
import { Conversation } from './conversation.js';
import { Credentials } from './credentials.js';
import { Device } from './device.js';
import { DeviceManager } from './device-manager.js';
import { Cypher, Encryption } from './encryption.js';
import { engineSteps } from './engine-interceptors.js';
import { Feature } from './feature.js';
import { toOfficial, WebexHttpError } from './http-error.js';
import { Linkage } from './link.js';
import { createLogger, type WebexLogger } from './logger.js';
import { Lyra } from './lyra.js';
import { Mercury } from './mercury.js';
import { Meetings } from './meetings/meetings.js';
import { Metrics } from './metrics.js';
import { NewMetrics } from './new-metrics.js';
import { notSupported, refuses, unsupported, type Unsupported } from './not-supported.js';
import { adopt, WebexPlugin, type PluginClass, type PluginDefinition } from './plugin.js';
import { Presence } from './presence.js';
import { PublicEvents } from './public-events.js';
import { Session } from './session.js';
import { makeInterceptors, registered, registerInternalPlugin, registerPlugin } from './registry.js';
import {
  officialRequest,
  refusals,
  type OfficialInterceptor,
  type OfficialRequest,
  type OfficialResponse,
} from './request.js';
import {
  isPeopleLookup,
  AttachmentActions,
  Memberships,
  Messages,
  People,
  Rooms,
  TeamMemberships,
  Teams,
  Webhooks,
} from './resources.js';
import { Search } from './search.js';
import { Services } from './services.js';
import { WebexStorage } from './storage.js';
import { Support } from './support.js';
import { tokenIn, type TokenFields } from './token.js';
import { User } from './user.js';

/** What `Webex.init` takes: a token in any of the official shapes, and the configuration. */
export interface WebexAttrs {
  readonly credentials?:
    | string
    | TokenFields
    | { readonly supertoken?: unknown; readonly authorization?: unknown; readonly [more: string]: unknown };
  readonly access_token?: string;
  readonly supertoken?: unknown;
  readonly authorization?: unknown;
  readonly config?: WebexConfig;
}

/** `webex.internal` */
export class Internal extends WebexPlugin {
  declare readonly services: Services;
  declare readonly device: Device;
  declare readonly mercury: Mercury;
  declare readonly encryption: Encryption;
  declare readonly conversation: Conversation;
  declare readonly feature: Feature;
  declare readonly user: User;
  declare readonly presence: Presence;
  declare readonly lyra: Lyra;
  declare readonly search: Search;
  declare readonly support: Support;
  declare readonly metrics: Metrics;
  declare readonly newMetrics: NewMetrics;
}

const inside: Readonly<Record<string, PluginClass>> = {
  services: Services,
  device: Device,
  mercury: Mercury,
  encryption: Encryption,
  conversation: Conversation,
  feature: Feature,
  user: User,
  presence: Presence,
  lyra: Lyra,
  search: Search,
  support: Support,
  metrics: Metrics,
  newMetrics: NewMetrics,
};
const outside: Readonly<Record<string, PluginClass>> = {
  authorization: Authorization,
  rooms: Rooms,
  messages: Messages,
  memberships: Memberships,
  people: People,
  teams: Teams,
  teamMemberships: TeamMemberships,
  webhooks: Webhooks,
  attachmentActions: AttachmentActions,
  cypher: Cypher,
  devicemanager: DeviceManager,
  meetings: Meetings,
};

/**
 * The same API as the official `webex` package, over clients of ours.
 *
 * @example
 * const webex = Webex.init({ credentials: token, config: { service } });
 * webex.once('ready', async () => console.log(await webex.rooms.list()));
 */
export class Webex extends WebexPlugin {
  static readonly version: string = VERSION;
  static readonly registerPlugin = registerPlugin;
  static readonly registerInternalPlugin = registerInternalPlugin;
  static readonly WebexPlugin = WebexPlugin;
  static readonly WebexHttpError = WebexHttpError;
  static override readonly definition: PluginDefinition = {
    session: {
      ready: ['boolean', true, false],
      loaded: ['boolean', true, false],
      canAuthorize: ['boolean', true, false],
      canRefresh: ['boolean', true, false],
      isAuthorizing: ['boolean', true, false],
    },
    derived: {
      isAuthenticating: {
        deps: ['isAuthorizing'],
        fn(this: Webex) {
          return this.isAuthorizing;
        },
      },
    },
  };
  /**
   * Creates a Webex, at once; `ready` follows. A class that extends this one creates its own.
   *
   * @throws {SdkError} `ERR_NOT_SUPPORTED` when the configuration asks for what there is not
   * @example const webex = Webex.init({ credentials: token, config: { service } });
   */
  static init(this: unknown, attrs: WebexAttrs | string = {}): Webex {
    // `const { init } = require('@trunkline/webex')` calls it without a class
    const isClass = typeof this === 'function' && (this === Webex || this.prototype instanceof Webex);
    return new (isClass ? (this as typeof Webex) : Webex)(attrs);
  }

  declare readonly ready: boolean;
  declare readonly loaded: boolean;
  declare readonly canAuthorize: boolean;
  declare readonly canRefresh: boolean;
  declare readonly isAuthorizing: boolean;
  declare readonly isAuthenticating: boolean;

  /** stands before the counter in every tracking id */
  declare readonly sessionId: string;
  declare readonly linkage: Linkage;
  declare readonly publicEvents: PublicEvents;
  declare readonly session: Session;
  declare readonly boundedStorage: WebexStorage;
  declare readonly unboundedStorage: WebexStorage;
  declare readonly credentials: Credentials;
  declare readonly internal: Internal;
  declare readonly authorization: Authorization;
  declare readonly rooms: Rooms;
  declare readonly messages: Messages;
  declare readonly memberships: Memberships;
  declare readonly people: People;
  declare readonly teams: Teams;
  declare readonly teamMemberships: TeamMemberships;
  declare readonly webhooks: Webhooks;
  declare readonly attachmentActions: AttachmentActions;
  declare readonly cypher: Cypher;
  declare readonly devicemanager: DeviceManager;
  declare readonly meetings: Meetings;
  /** Refuses every call with `ERR_NOT_SUPPORTED`. */
  declare readonly calling: Unsupported;
  /** Refuses every call with `ERR_NOT_SUPPORTED`. */
  declare readonly cc: Unsupported;

  private settings: WebexConfig;
  private readonly say: WebexLogger;
  private readonly interceptors: readonly OfficialInterceptor[];
  private closed = false;

  constructor(attrs: WebexAttrs | string = {}) {
    super();
    const { publicOnes, internalOnes } = registered();
    const given: WebexAttrs = typeof attrs === 'string' ? { credentials: attrs } : attrs;
    this.settings = merge(
      defaults,
      ...[...publicOnes, ...internalOnes].map(({ options }) => options.config),
      given.config,
    );
    if (this.settings.fedramp === true)
      throw notSupported('config.fedramp', 'give the URLs of that cloud in config.services.discovery');
    this.settings = withAuthorizationString(this.settings);
    this.say = createLogger(() => this.settings.logger ?? {});
    const { trackingIdPrefix = '', trackingIdSuffix = '' } = this.settings;
    const sessionId = [trackingIdPrefix, randomUuid(), trackingIdSuffix].filter(Boolean).join('_');
    const own: Record<string, unknown> = {
      sessionId,
      linkage: new Linkage({
        config: () => this.settings,
        logger: this.say,
        token: (context) => this.credentials.tokenFor(context),
        sessionId,
        made: ({ host }) => {
          this.credentials.taken = undefined;
          host.intercept(this.session.refuseReplaced);
          host.intercept(refusals(this));
          for (const step of engineSteps(() => this.interceptors)) host.intercept(step);
        },
        send: (host, options) =>
          isPeopleLookup(options)
            ? this.people.batcher.submitHttpRequest(options)
            : officialRequest(this, this.interceptors, host, options),
      }),
      publicEvents: new PublicEvents(this),
      session: new Session(this),
      boundedStorage: new WebexStorage(),
      unboundedStorage: new WebexStorage(),
    };
    for (const [name, value] of Object.entries(own))
      Object.defineProperty(this, name, { value, enumerable: false });

    const token = tokenIn(given);
    adopt(this, 'credentials', Credentials, token && { supertoken: token });
    this.listenToAndRun(this.credentials, 'change:canAuthorize change:canRefresh', () => {
      const { canAuthorize, canRefresh } = this.credentials;
      this.set({ canAuthorize, canRefresh });
    });
    const internal = adopt(this, 'internal', Internal);
    for (const [name, Class] of Object.entries(inside)) adopt(internal, name, Class);
    for (const [name, Class] of Object.entries(outside)) adopt(this, name, Class);
    for (const name of ['calling', 'cc'])
      Object.defineProperty(this, name, { value: unsupported(`webex.${name}`), configurable: true });
    for (const { name, Class } of publicOnes) adopt(this, name, Class);
    for (const { name, Class } of internalOnes) adopt(internal, name, Class);
    this.interceptors = makeInterceptors(this);
    // listeners are put on after init
    setTimeout(() => {
      void this.begin();
    });
  }

  /** The same as `internal.presence`. */
  get presence(): Presence {
    return this.internal.presence;
  }
  get version(): string {
    return VERSION;
  }
  override get webex(): this {
    return this;
  }
  override get logger(): WebexLogger {
    return this.say;
  }
  override get config(): WebexConfig & Record<string, Record<string, unknown> | undefined> {
    return this.settings as never;
  }
  /** Merges into the configuration. What the connection depends on is read when it is made: before the first call. */
  setConfig(config: WebexConfig): void {
    this.settings = withAuthorizationString(merge(this.settings, config), config);
    this.trigger('change:config', this, this.settings);
  }

  /** Any request: `{ service, resource }` or `{ uri }`. Rejects with a {@link WebexHttpError} by status. */
  override request<T = unknown>(options: OfficialRequest): Promise<OfficialResponse<T>> {
    return officialRequest<T>(this, this.interceptors, this.linkage.get().host, options);
  }
  nextTrackingId(): string {
    return this.linkage.get().host.nextTrackingId();
  }
  refresh(): Promise<unknown> {
    return this.credentials.refresh();
  }
  /** Exchanges the JWT of a guest for a token. @source protocol/identity-and-services.md §3.4 */
  async tokenForJwt(jwt: string): Promise<TokenFields> {
    const { body } = await this.request<{ readonly token?: string; readonly expiresIn?: number }>({
      method: 'POST',
      service: 'hydra',
      resource: 'jwt/login',
      headers: { authorization: jwt },
    });
    if (body.token === undefined)
      throw sdkError('ERR_TOKEN_INVALID', 'the service answered the JWT without a token');
    return { access_token: body.token, ...(body.expiresIn !== undefined && { expires_in: body.expiresIn }) };
  }
  /** Closes the socket, removes the device, forgets the token; in a browser, goes on to the logout page unless `noRedirect`. */
  async logout(options: LogoutOptions = {}): Promise<void> {
    await this.beforeLogout();
    const token = this.credentials.supertoken;
    await this.internal.device.unregister().catch((error: unknown) => {
      this.logger.warn('logout: the device could not be removed', error);
    });
    await this.close();
    await Promise.all([this.boundedStorage.clear(), this.unboundedStorage.clear()]);
    await this.credentials.invalidate();
    this.trigger('client:logout');
    await this.authorization.logout({ ...options, token }).catch((error: unknown) => {
      this.logger.warn('logout: the service could not be reached', error);
    });
  }
  /** Closes the socket and cancels what is under way; the next call begins again. Not in the official API. */
  async close(): Promise<void> {
    this.closed = true;
    this.publicEvents.reset();
    this.session.forget();
    await this.linkage.drop();
  }
  readonly upload = refuses('webex.upload()', 'send files with webex.messages.create()');

  private async begin(): Promise<void> {
    try {
      await this.authorization.restore();
    } catch (error) {
      this.logger.error('the sign-in that came back could not be completed', error);
      this.trigger('client:InvalidRequestError', error);
    }
    this.set({ loaded: true });
    this.trigger('loaded');
    this.set({ ready: true });
    this.trigger('ready');
    // as there, the catalog is asked for without being waited for
    if (this.canAuthorize && !this.closed)
      this.internal.services.initServiceCatalogs().catch(() => undefined);
  }
  private async beforeLogout(): Promise<void> {
    const { publicOnes, internalOnes } = registered();
    const mine = [...publicOnes, ...internalOnes].flatMap(({ name, options }) => {
      const plugin =
        (this as unknown as Record<string, unknown>)[name] ??
        (this.internal as unknown as Record<string, unknown>)[name];
      const run = options.onBeforeLogout;
      return run ? [() => run.call(plugin)] : [];
    });
    const configured = (this.settings.onBeforeLogout ?? []).map(({ fn }) => fn);
    for (const run of [...mine, ...configured].reverse())
      try {
        await run();
      } catch (error) {
        this.logger.warn('logout: a handler failed', toOfficial(error));
      }
  }
}
