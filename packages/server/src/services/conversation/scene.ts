import type { WireObject, WireParent } from '@trunkline/wire';
import { joseHeader } from '@trunkline/wire';
import { badRequest, forbidden } from '../../http/errors.js';
import type { Write } from '../../store/index.js';
import type { Caller, Identity, NewActivity, Participant } from '../contracts.js';
import type { KmsService } from '../kms/index.js';
import { isDirect, type ConversationChange, type ConversationRecord } from './store.js';

/** Everything a verb's rule may look at: who does what, where, within which write. */
export interface Scene {
  readonly write: Write;
  readonly caller: Caller;
  readonly me: Participant;
  readonly conversation: ConversationRecord;
  readonly activity: NewActivity;
  readonly nowMs: number;
  readonly kms: KmsService;
  readonly identity: Identity;
}

/** What a rule decided; nothing of it has happened yet, except what the rule itself wrote. */
export interface Effect {
  /** as kept and as told: content is ciphertext */
  readonly object: WireObject;
  readonly parent?: WireParent;
  readonly keyUrl?: string;
  /** part of the history; else it is only told */
  readonly kept: boolean;
  /** who hears of it; `nobody` when nothing changed */
  readonly audience: 'members' | 'self' | 'nobody';
  readonly change?: ConversationChange;
  /** somebody's own tags changed: what sockets know of them is old */
  readonly tagsChanged?: boolean;
  /** who is in changes: runs once the event has its position */
  readonly settle?: (pos: number) => Promise<void>;
}
export type Rule = (scene: Scene) => Promise<Effect>;

export const isLocked = ({ conversation }: Scene): boolean => conversation.tags.includes('LOCKED');

/** In a locked conversation its moderators decide. */
export function requireModerator(scene: Scene): void {
  if (isLocked(scene) && !scene.me.isModerator)
    throw forbidden('Only a moderator may do this in a locked space.');
}
export function requireGroup({ conversation }: Scene): void {
  if (isDirect(conversation)) throw forbidden('This cannot be done in a space of two people.');
}

/** Turns the texts of an object into ciphertext under the activity's key, or checks that the client did. */
export interface Sealer {
  readonly keyUrl: string;
  text(plain: string): Promise<string>;
}

export async function sealer(scene: Scene): Promise<Sealer> {
  const { activity, caller, conversation, kms, write } = scene;
  const given = activity.encryptionKeyUrl;
  if (given === undefined)
    return { keyUrl: conversation.keyUrl, text: (plain) => kms.encrypt(conversation.keyUrl, plain) };
  if (!(await kms.claim(write, caller.user.id, given, conversation.kroUrl)))
    throw badRequest('The encryption key does not belong to this space.');
  return {
    keyUrl: given,
    text: (ciphertext) =>
      joseHeader(ciphertext)?.parts === 5
        ? Promise.resolve(ciphertext)
        : Promise.reject(badRequest('With an encryptionKeyUrl every text must be encrypted.')),
  };
}
