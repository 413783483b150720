import { sdkError } from './errors.js';
import type { Host } from './host.js';
import { checkPlugin, type Plugin, type PluginOrPlugins } from './plugin.js';

// what JavaScript looks for by itself, and what may come; core's own names are on the client
const reserved = new Set('off emit config log host peer then prototype toJSON'.split(' '));

/**
 * Puts plugins onto a client, those others need first. Nothing is set up when one of them cannot be.
 *
 * @param installed what each plugin offers, by name; new ones are added
 * @throws {SdkError} `ERR_NOT_A_PLUGIN`, `ERR_CORE_MISMATCH`, `ERR_PLUGIN_CLASH`, `ERR_PLUGIN_MISSING`
 */
export function installPlugins(
  given: readonly PluginOrPlugins[],
  client: object,
  installed: Map<string, unknown>,
  host: Host,
): void {
  const fresh = new Map<string, Plugin>();
  for (const plugin of given.flat() as unknown[]) {
    checkPlugin(plugin);
    const { name } = plugin;
    if (fresh.has(name) || installed.has(name))
      throw sdkError('ERR_PLUGIN_CLASH', `two plugins are called '${name}'; give each once`);
    if (reserved.has(name) || name in client)
      throw sdkError('ERR_PLUGIN_CLASH', `a plugin cannot be called '${name}'`);
    fresh.set(plugin.name, plugin);
  }
  for (const plugin of sorted(fresh, installed)) {
    const api = plugin.setup(host);
    installed.set(plugin.name, api);
    Object.defineProperty(client, plugin.name, { value: api, enumerable: true });
  }
}

function sorted(fresh: ReadonlyMap<string, Plugin>, installed: ReadonlyMap<string, unknown>): Plugin[] {
  const order: Plugin[] = [];
  const visit = (plugin: Plugin, from: readonly string[]): void => {
    if (order.includes(plugin)) return;
    if (from.includes(plugin.name))
      throw sdkError('ERR_PLUGIN_CLASH', `plugins need each other: ${[...from, plugin.name].join(', ')}`);
    for (const need of plugin.needs) {
      const needed = fresh.get(need);
      if (needed) visit(needed, [...from, plugin.name]);
      else if (!installed.has(need))
        throw sdkError(
          'ERR_PLUGIN_MISSING',
          `the plugin '${plugin.name}' needs '${need}'; give that one too`,
        );
    }
    order.push(plugin);
  };
  for (const plugin of fresh.values()) visit(plugin, []);
  return order;
}
