import type { Urls } from '../../kernel/http/urls.js';

export interface NewRoomDevice {
  readonly displayName: string;
  readonly productName?: string;
  /** shown first */
  readonly pin?: string;
}

/** What administration sees and does: as if it stood in the room. */
export interface RoomDevices {
  create(device: NewRoomDevice, urls: Urls): Promise<object>;
  list(urls: Urls): Promise<readonly object[]>;
  /** False when there is none. */
  remove(id: string): Promise<boolean>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly lyra: RoomDevices;
  }
}
