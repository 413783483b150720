import type { Feature as WireFeature } from '@trunkline/wire';
import { sdkError } from '@trunkline/core';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

type ListName = 'developer' | 'entitlement' | 'user';
type Value = string | number | boolean;
type Stored = WireFeature & { readonly value: Value };

/** `webex.internal.feature`: toggles of the device. @source protocol/device-and-mercury.md §3 */
export class Feature extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Feature' };

  /** Its value, null when there is none; all of it with `full`. */
  getFeature(list: ListName, key: string): Promise<Value | null>;
  getFeature(list: ListName, key: string, options: { readonly full: true }): Promise<Stored | null>;
  getFeature(
    list: ListName,
    key: string,
    { full = false }: { readonly full?: boolean } = {},
  ): Promise<Value | Stored | null> {
    if (!['developer', 'entitlement', 'user'].includes(list))
      return Promise.reject(sdkError('ERR_ARGUMENT', 'features are developer, entitlement or user ones'));
    const found = this.webex.internal.device.features?.[list].find((each) => each.key === key);
    if (found === undefined) return Promise.resolve(null);
    const value = valueOf(found.val);
    return Promise.resolve(full ? { ...found, value } : value);
  }
  async setFeature(list: 'developer' | 'user', key: string, value: Value): Promise<Stored> {
    if (!['developer', 'user'].includes(list))
      throw sdkError('ERR_ARGUMENT', 'only developer and user features can be set');
    const { body } = await this.webex.request<WireFeature>({
      method: 'POST',
      service: 'feature',
      resource: `features/users/${await this.userId()}/${list}`,
      body: { key, mutable: true, val: String(value) },
    });
    return this.keep(list, body);
  }
  /** Several at once. */
  async setBundledFeatures(
    features: readonly {
      readonly key: string;
      readonly val: Value;
      readonly type: 'USER' | 'DEV';
      readonly mutable?: boolean;
    }[],
  ): Promise<{ readonly featureToggles: readonly WireFeature[] }> {
    const { body } = await this.webex.request<{ readonly featureToggles: readonly WireFeature[] }>({
      method: 'POST',
      service: 'feature',
      resource: `features/users/${await this.userId()}/toggles`,
      body: features.map(({ val, mutable = true, ...rest }) => ({ ...rest, mutable, val: String(val) })),
    });
    // the answer's own type is that of the value
    const types = new Map(features.map(({ key, type }) => [key, type] as const));
    for (const toggle of body.featureToggles) this.keep(listOf(types.get(toggle.key)), toggle);
    return body;
  }
  /** Takes over what the service said of one. */
  updateFeature(toggle: WireFeature): void {
    this.keep(listOf(toggle.type), toggle);
  }

  private async userId(): Promise<string> {
    const { device } = this.webex.internal;
    if (!device.registered) await device.register();
    return device.userId ?? '';
  }
  private keep(list: 'developer' | 'user', toggle: WireFeature): Stored {
    const stored = { ...toggle, value: valueOf(toggle.val) };
    const { device } = this.webex.internal;
    const { features } = device;
    if (features) {
      const others = features[list].filter(({ key }) => key !== toggle.key);
      device.set({ features: { ...features, [list]: withGet([...others, stored]) } });
    }
    return stored;
  }
}

/** Finds a toggle by key; enumerated, it is the plain list. */
export const withGet = <T extends { readonly key: string }>(toggles: readonly T[]): readonly T[] =>
  Object.defineProperty([...toggles], 'get', {
    value: (wanted: string | { readonly key: string }) => {
      const key = typeof wanted === 'string' ? wanted : wanted.key;
      return toggles.find((toggle) => toggle.key === key);
    },
  });

const listOf = (type: string | undefined): 'developer' | 'user' =>
  type?.startsWith('DEV') === true ? 'developer' : 'user';

function valueOf(given: unknown): Value {
  if (typeof given !== 'string') return given as Value;
  if (/^(true|false)$/i.test(given)) return given.toLowerCase() === 'true';
  return given.trim() !== '' && Number.isFinite(Number(given)) ? Number(given) : given;
}
