import type { Person } from '@trunkline/wire';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

/** `webex.internal.search`: people by name or address. Messages are ciphertext to the service: they are not searched there. */
export class Search extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Search' };
  /** People whose name begins so, or who have that address. */
  async people({
    query = '',
    queryString = query,
  }: {
    readonly query?: string;
    readonly queryString?: string;
  }): Promise<readonly Person[]> {
    const by = queryString.includes('@') ? { email: queryString } : { displayName: queryString };
    return (await this.webex.people.list(by)).items;
  }
  readonly search = refuses('search.search()', 'search among activities that the app has read');
  readonly bindSearchKey = refuses('search.bindSearchKey()');
}
