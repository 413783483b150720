import type { Feature as WireFeature } from '@trunkline/wire';
import { sdkError } from '@trunkline/core';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

type List = 'developer' | 'entitlement' | 'user';
type Value = string | number | boolean;
type Stored = WireFeature & { readonly value: Value };

/** `webex.internal.feature`: toggles of the device. @source protocol/device-and-mercury.md §3 */
export class Feature extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Feature' };

  /** Its value, null when there is none. */
  getFeature(list: List, key: string): Promise<Value | null> {
    const found = this.webex.internal.device.features?.[list].find((each) => each.key === key);
    return Promise.resolve(found === undefined ? null : valueOf(found.val));
  }
  async setFeature(list: 'developer' | 'user', key: string, value: Value): Promise<Stored> {
    const { device } = this.webex.internal;
    if (!['developer', 'user'].includes(list))
      throw sdkError('ERR_ARGUMENT', 'only developer and user features can be set');
    if (!device.registered) await device.register();
    const { body } = await this.webex.request<WireFeature>({
      method: 'POST',
      service: 'feature',
      resource: `features/users/${device.userId ?? ''}/${list}`,
      body: { key, mutable: true, val: String(value) },
    });
    const stored = { ...body, value: valueOf(body.val) };
    if (device.features)
      device.set({
        features: {
          ...device.features,
          [list]: [...device.features[list].filter((each) => each.key !== key), stored],
        },
      });
    return stored;
  }
}

function valueOf(text: string): Value {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
