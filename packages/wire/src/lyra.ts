// Room devices and the spaces round them. Only what clients are known to read. @source protocol/presence-devices-support.md §2

export interface LyraOccupant {
  readonly url?: string;
  readonly identity: { readonly id: string; readonly displayName?: string };
  /** false: was shown a PIN and has not sent it yet */
  readonly verified?: boolean;
}

/** A room with a device, at `url`. */
export interface LyraSpace {
  readonly url: string;
  readonly identity: { readonly id: string; readonly displayName: string };
  readonly occupants: {
    readonly items: readonly LyraOccupant[];
    /** a PIN is shown in the room, and must be sent */
    readonly pinChallenge?: boolean | Readonly<Record<string, unknown>>;
    readonly self?: { readonly verified: boolean };
  };
  readonly devices: readonly { readonly productName?: string; readonly [field: string]: unknown }[];
  readonly deviceInfo?: { readonly id: string; readonly machineType?: string };
  readonly mode?: string;
}

/** What a person's `devices/auxiliary` holds. */
export interface AuxiliaryDevice {
  readonly id: string;
  readonly url?: string;
  readonly deviceClass?: string;
  readonly deviceInfo?: { readonly id: string; readonly machineType?: string };
  readonly identity?: { readonly id: string; readonly displayName?: string };
  readonly productName?: string;
  readonly mode?: string;
  readonly metadata?: {
    readonly encryptedUserAssignedName?: string;
    readonly encryptionKeyUrl?: string;
    readonly userAssignedName?: string;
  };
}

/** The device of an ultrasound token. */
export interface UltrasoundAdvertisement {
  readonly advertiser: { readonly id: string; readonly displayName?: string };
}

/** Volume and microphones of a room device. */
export interface AudioState {
  /** the WDM device of who asks: needed when it is put */
  readonly deviceUrl?: string;
  readonly volume: { readonly level: number; readonly min: number; readonly max: number };
  readonly microphones: { readonly muted: boolean };
}

/** `lyra.space_updated` on the socket. @source §2.2 */
export interface LyraSpaceEventData {
  readonly eventType: 'lyra.space_updated';
  readonly spaceUrl: string;
}

/** A space is bound to a conversation. */
export interface LyraBinding {
  readonly bindingUrl: string;
  readonly conversationUrl: string;
}

/** Why a service of ours refuses with 403: its own numbers, unknown to other services. */
export const lyraRefusals = {
  wrongPin: 4_031_001,
  /** expired, or too many wrong ones: another is shown */
  pinOver: 4_031_002,
  notPaired: 4_031_003,
} as const;
