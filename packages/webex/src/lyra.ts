import { sdkError } from '@trunkline/core';
import { encodeBase64Url, type AudioState, type LyraBinding, type LyraSpace } from '@trunkline/wire';
import { WebexPlugin, type PluginDefinition } from './plugin.js';
import type { OfficialResponse } from './request.js';

/** A room, as far as a call needs to know it. */
export interface SpaceRef {
  readonly url?: string;
  readonly id?: string;
  readonly identity?: { readonly id: string };
}
interface ConversationRef {
  readonly url?: string;
  readonly kmsResourceObjectUrl?: string;
}

/** `webex.internal.lyra.space` @source protocol/presence-devices-support.md §2.1 */
export class LyraSpaces extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Lyra' };
  async list(): Promise<readonly LyraSpace[]> {
    const { body } = await this.webex.request<{ readonly items: readonly LyraSpace[] }>({
      service: 'lyra',
      resource: 'spaces',
    });
    return body.items;
  }
  override async get(space: string | SpaceRef): Promise<LyraSpace> {
    const id = typeof space === 'string' ? space : (space.id ?? space.identity?.id);
    if (id === undefined) throw sdkError('ERR_ARGUMENT', 'a room needs an id');
    const resource = `spaces/${encodeURIComponent(id)}`;
    return (await this.webex.request<LyraSpace>({ service: 'lyra', resource })).body;
  }
  async join(
    space: SpaceRef,
    options: {
      readonly passType?: string;
      readonly data?: string;
      readonly verificationInitiation?: string;
      readonly uri?: string;
    } = {},
  ): Promise<OfficialResponse> {
    const { passType = 'MANUAL', data, verificationInitiation, uri } = options;
    return this.webex.request({
      method: 'PUT',
      uri: uri ?? (await this.at(space, 'occupants/@me')),
      body: {
        pass: { type: passType, ...(data !== undefined && { data }) },
        deviceUrl: await this.deviceUrl(),
        ...(verificationInitiation !== undefined && { verificationInitiation }),
      },
    });
  }
  async leave(
    space: SpaceRef,
    { removeAllDevices = false }: { readonly removeAllDevices?: boolean } = {},
  ): Promise<OfficialResponse> {
    const uri = await this.at(space, 'occupants/@me');
    const qs = removeAllDevices ? {} : { deviceUrl: encodeBase64Url(await this.deviceUrl()) };
    return this.webex.request({ method: 'DELETE', uri, qs });
  }
  async verifyOccupant(space: SpaceRef, occupantId: string): Promise<OfficialResponse> {
    return this.webex.request({
      method: 'PUT',
      uri: await this.at(space, `occupants/${encodeURIComponent(occupantId)}`),
      body: { pass: { type: 'VERIFICATION' } },
    });
  }
  async getCurrentBindings(space: SpaceRef): Promise<{ readonly items: readonly LyraBinding[] }> {
    const uri = await this.at(space, 'bindings');
    return (await this.webex.request<{ readonly items: readonly LyraBinding[] }>({ uri })).body;
  }
  async bindConversation(space: SpaceRef, conversation: ConversationRef): Promise<OfficialResponse> {
    const { url, kro } = keyed(conversation);
    const { id } = space.identity ?? space;
    const kmsMessage = await this.wrapped({
      ...{ method: 'create', uri: '/authorizations', resourceUri: kro, userIds: [id ?? ''] },
    });
    return this.webex.request({
      method: 'POST',
      uri: await this.at(space, 'bindings'),
      body: { conversationUrl: url, kmsMessage },
    });
  }
  async unbindConversation(space: SpaceRef, conversation: ConversationRef): Promise<OfficialResponse> {
    const { url, kro } = keyed(conversation);
    const { id = '' } = space.identity ?? space;
    const kmsMessage = await this.wrapped({ method: 'delete', uri: `${kro}/authorizations?authId=${id}` });
    return this.webex.request({
      method: 'DELETE',
      uri: await this.at(space, 'bindings'),
      qs: { kmsMessage, conversationUrl: encodeBase64Url(url) },
    });
  }
  async deleteBinding(
    space: SpaceRef,
    {
      bindingId,
      kmsResourceObjectUrl,
    }: { readonly bindingId: string; readonly kmsResourceObjectUrl: string },
  ): Promise<OfficialResponse> {
    const { id = '' } = space.identity ?? space;
    const kmsMessage = await this.wrapped({
      ...{ method: 'delete', uri: `${kmsResourceObjectUrl}/authorizations?authId=${id}` },
    });
    const uri = await this.at(space, `bindings/${encodeURIComponent(bindingId)}`);
    return this.webex.request({ method: 'DELETE', uri, qs: { kmsMessage } });
  }

  private async at(space: SpaceRef, path: string): Promise<string> {
    return `${space.url ?? (await this.get(space)).url}/${path}`;
  }
  private async deviceUrl(): Promise<string> {
    const { device } = this.webex.internal;
    if (device.url === undefined) await device.register();
    return device.url ?? '';
  }
  private wrapped(request: {
    readonly method: 'create' | 'delete';
    readonly uri: string;
    readonly resourceUri?: string;
    readonly userIds?: readonly string[];
  }): Promise<string> {
    return this.webex.linkage.get().client.encryption.wrap(request);
  }
}
function keyed({ url, kmsResourceObjectUrl: kro }: ConversationRef): {
  readonly url: string;
  readonly kro: string;
} {
  if (!url || !kro)
    throw sdkError('ERR_ARGUMENT', 'url and kmsResourceObjectUrl of the conversation are needed');
  return { url, kro };
}

/** `webex.internal.lyra.device` */
export class LyraDevices extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Lyra' };
  async getAudioState({ url = '' }: SpaceRef): Promise<AudioState> {
    return (await this.webex.request<AudioState>({ uri: `${url}/audio` })).body;
  }
  async putAudioState({ url = '' }: SpaceRef, audioState: Partial<AudioState>): Promise<AudioState> {
    if (!audioState.deviceUrl) throw sdkError('ERR_ARGUMENT', 'audioState.deviceUrl is needed');
    const uri = `${url}/audio`;
    return (await this.webex.request<AudioState>({ method: 'PUT', uri, body: audioState })).body;
  }
  mute(space: SpaceRef): Promise<OfficialResponse> {
    return this.invoke(space, 'microphones/actions/mute');
  }
  unmute(space: SpaceRef): Promise<OfficialResponse> {
    return this.invoke(space, 'microphones/actions/un-mute');
  }
  increaseVolume(space: SpaceRef): Promise<OfficialResponse> {
    return this.invoke(space, 'volume/actions/increase');
  }
  decreaseVolume(space: SpaceRef): Promise<OfficialResponse> {
    return this.invoke(space, 'volume/actions/decrease');
  }
  setVolume(space: SpaceRef, level = 0): Promise<OfficialResponse> {
    return this.invoke(space, 'volume/actions/set', { level });
  }
  private invoke({ url = '' }: SpaceRef, action: string, body?: object): Promise<OfficialResponse> {
    return this.webex.request({
      method: 'POST',
      uri: `${url}/audio/${action}/invoke`,
      ...(body && { body }),
    });
  }
}

/** `webex.internal.lyra` */
export class Lyra extends WebexPlugin {
  static override readonly definition: PluginDefinition = {
    namespace: 'Lyra',
    children: { space: LyraSpaces, device: LyraDevices },
  };
  declare readonly space: LyraSpaces;
  declare readonly device: LyraDevices;
  /** Whose ultrasound that is. */
  async getAdvertisedEndpoint(token: string): Promise<unknown> {
    const { body } = await this.webex.request({
      service: 'proximity',
      resource: 'ultrasound/advertisements',
      qs: { token },
    });
    return body;
  }
}
