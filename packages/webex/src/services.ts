import { sdkError } from '@trunkline/core';
import { expectObject, isRecord, unexpected } from '@trunkline/core/kit';
import { official } from './http-error.js';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

interface Catalog {
  readonly serviceLinks?: Readonly<Record<string, string>>;
  readonly hostCatalog?: Readonly<Record<string, readonly { readonly id: string }[]>>;
}

/** `webex.internal.services`: the catalog, as core has fetched it. */
export class Services extends WebexPlugin {
  static override readonly definition: PluginDefinition = {
    namespace: 'Services',
    session: { initFailed: ['boolean', true, false], links: 'any' },
  };
  declare readonly initFailed: boolean;
  declare private links: Readonly<Record<string, string>> | undefined;
  declare private hosts: NonNullable<Catalog['hostCatalog']>;

  override initialize(): void {
    Object.defineProperty(this, 'hosts', { value: {}, writable: true, enumerable: false });
  }
  /** Reads a catalog that passes by. */
  learn(url: URL, response: Response): void {
    if (!url.pathname.endsWith('/catalog')) return;
    response.json().then(
      (catalog: Catalog) => {
        this.links = textsIn(catalog.serviceLinks);
        this.hosts = isRecord(catalog.hostCatalog) ? catalog.hostCatalog : {};
        this.trigger('services:initialized');
      },
      () => undefined, // core says what is wrong with it
    );
  }
  /** The base URL of a service; undefined while the catalog is not here, see `waitForCatalog`. */
  override get(name: string): string | undefined {
    const { discovery = {}, override = {} } = this.webex.config.services ?? {};
    const url = override[name] ?? this.links?.[name] ?? discovery[name];
    return url?.replace(/\/$/, '');
  }
  /** The hosts of the catalog, by host name. */
  get _hostCatalog(): NonNullable<Catalog['hostCatalog']> {
    return this.hosts;
  }
  /** All base URLs, by name. */
  get _serviceUrls(): Readonly<Record<string, string>> {
    return this.list();
  }
  hasService(name: string): boolean {
    return this.get(name) !== undefined;
  }
  /** All base URLs, by name. */
  list(): Readonly<Record<string, string>> {
    const { discovery = {}, override = {} } = this.webex.config.services ?? {};
    return { ...discovery, ...this.links, ...override };
  }
  /** Resolves when the catalog is here: there is one, whatever group is asked for. @param timeoutS seconds, 60 when left out */
  async waitForCatalog(group = 'postauth', timeoutS = 60): Promise<void> {
    if (!['preauth', 'signin', 'postauth'].includes(group))
      throw sdkError('ERR_ARGUMENT', `there is no catalog '${group}'; say preauth, signin or postauth`);
    if (this.links) return;
    await official(this.load(timeoutS));
  }
  /** The base URL of a service, or the service that a URL belongs to. @param what.timeout seconds, 5 when left out */
  async waitForService(what: { name?: string; url?: string; timeout?: number }): Promise<string> {
    expectObject(what, 'services.waitForService');
    const { name, url, timeout = 5 } = what;
    const found = (): string | undefined =>
      name === undefined ? this.getServiceFromUrl(url ?? '')?.defaultUrl : this.get(name);
    const early = found();
    if (early !== undefined) return early;
    await official(this.load(timeout));
    const late = found();
    if (late === undefined)
      throw sdkError(
        'ERR_UNKNOWN_SERVICE',
        `service-interceptor: '${name ?? url ?? ''}' is not a known service`,
      );
    return late;
  }
  getServiceFromUrl(
    url: string,
  ): { readonly name: string; readonly priorityUrl: string; readonly defaultUrl: string } | undefined {
    for (const [name, base] of Object.entries(this.list()))
      if (url.startsWith(base)) return { name, priorityUrl: base, defaultUrl: base };
    return undefined;
  }
  isServiceUrl(url: string): boolean {
    return this.getServiceFromUrl(url) !== undefined;
  }
  /** The catalog's id of the host that a URL points to. */
  getClusterId(url: string): string | undefined {
    if (!URL.canParse(url)) throw unexpected('services.getClusterId: url', 'an absolute URL', url);
    return this.hosts[new URL(url).host]?.[0]?.id;
  }
  /** Fetches the catalog, if it is not here. */
  initServiceCatalogs(): Promise<void> {
    return official(this.load(60));
  }
  updateServices(): Promise<void> {
    return this.initServiceCatalogs();
  }
  readonly collectPreauthCatalog = refuses('services.collectPreauthCatalog()');
  readonly fetchClientRegionInfo = refuses('services.fetchClientRegionInfo()');
  readonly validateUser = refuses('services.validateUser()');

  private async load(timeoutS: number): Promise<void> {
    try {
      await this.webex.linkage.get().client.ready({ timeoutMs: timeoutS * 1000 });
      this.set({ initFailed: false });
    } catch (error) {
      this.set({ initFailed: true });
      throw error;
    }
  }
}

/** What is text in it: a catalog may hold anything. */
const textsIn = (links: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isRecord(links) ? links : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
