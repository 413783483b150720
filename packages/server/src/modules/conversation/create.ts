import { joseHeader, maxTextBytes } from '@trunkline/wire';
import { randomUUID } from 'node:crypto';
import { ApiError, badRequest } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Needs } from '../../kernel/module.js';
import type { Write } from '../../kernel/store/index.js';
import type { Caller } from '../identity/api.js';
import type { CreateOptions } from './api.js';
import {
  type ConversationRecord,
  directKeyOf,
  findDirect,
  insertConversation,
  insertParticipants,
} from './store.js';
import type { Submitter } from './submit.js';

/** base64 of the longest title, and what a compact JWE has besides */
const maxTitleCiphertext = maxTextBytes * 2;
/** the same for the longest description: 4,000 characters of up to 4 bytes */
const maxDescriptionCiphertext = 24_000;

export type Created = ConversationRecord & {
  /** what the key service answered to the `kmsMessage`, for the client that sent it */
  readonly kmsMessage?: string;
};

const maxMembers = 1_000;

/** Creates a conversation with all its members in one write; of the same two people there is only one. */
export function createCreator(
  kernel: Kernel,
  { audience, identity, kms }: Needs<'audience' | 'identity' | 'kms'>,
  { record, perform }: Submitter,
) {
  async function keyFor(
    write: Write,
    caller: Caller,
    members: readonly string[],
    options: CreateOptions,
  ): Promise<{ keyUrl: string; kroUrl: string; kmsMessage?: string }> {
    if (options.kmsMessage === undefined) {
      if (options.keyUrl !== undefined) throw badRequest('An encryption key needs its kmsMessage.');
      return kms.createConversationKey(write, caller.user.id, members);
    }
    const { answer, keyUris, kroUrl } = await kms.embedded(write, caller, options.kmsMessage);
    const keyUrl = options.keyUrl ?? keyUris[0];
    if (kroUrl === undefined || keyUrl === undefined || !keyUris.includes(keyUrl))
      throw badRequest('The key message does not create a resource for the encryption key.');
    // another conversation's resource would let this one's members use that one's keys
    if ((await audience.isMemberByResource(write.tx, kroUrl, caller.user.id)) !== undefined)
      throw badRequest('The resource belongs to another space.');
    await kms.authorize(write, kroUrl, members);
    return { keyUrl, kroUrl, kmsMessage: answer };
  }

  async function title(options: CreateOptions, keyUrl: string): Promise<string | null> {
    if (options.title === undefined || options.title === '') return null;
    return sealed(options.title, options, keyUrl, maxTitleCiphertext);
  }
  /** With a key of the client's the text must be ciphertext already. @param most characters of the ciphertext */
  async function sealed(
    given: string,
    options: CreateOptions,
    keyUrl: string,
    most: number,
  ): Promise<string> {
    if (options.keyUrl === undefined) return kms.encrypt(keyUrl, given);
    if (given.length > most) throw badRequest('The title or description is too long.');
    if (joseHeader(given)?.parts !== 5)
      throw badRequest('Title and description must be encrypted under their key.');
    return given;
  }

  return async function create(caller: Caller, options: CreateOptions): Promise<Created> {
    const members = [...new Set([caller.user.id, ...options.memberIds])];
    if (members.length > maxMembers)
      throw badRequest(`A space has at most ${String(maxMembers)} members at first.`);
    const known = await identity.usersByIds(members);
    if (members.some((id) => !known.has(id))) throw badRequest('Not all of these people exist.');
    const direct = options.isDirect === true;
    if (direct && members.length !== 2) throw badRequest('A space of two needs exactly one other person.');
    const directKey = direct ? directKeyOf(members[0] ?? '', members[1] ?? '') : null;

    return kernel.store.write(async (write) => {
      let conversation = directKey === null ? undefined : await findDirect(write.tx, directKey);
      if (conversation !== undefined && options.onlyNew === true)
        throw new ApiError(409, 'There is a space of these two people already.');
      let kmsMessage: string | undefined;
      if (conversation === undefined) {
        const nowMs = kernel.now();
        const { kmsMessage: answer, ...keys } = await keyFor(write, caller, members, options);
        kmsMessage = answer;
        const tags = [...new Set([...(options.tags ?? []), ...(direct ? ['ONE_ON_ONE'] : [])])];
        const description = options.extra?.['description'];
        const id = randomUUID();
        const created: ConversationRecord = {
          id,
          orgId: caller.user.org_id,
          creatorId: caller.user.id,
          createdMs: nowMs,
          title: await title(options, keys.keyUrl),
          ...keys,
          tags,
          extra: {
            ...options.extra,
            ...(typeof description === 'string'
              ? { description: await sealed(description, options, keys.keyUrl, maxDescriptionCiphertext) }
              : {}),
          },
          seq: 0,
          lastActivityMs: nowMs - 1,
          lastReadableMs: nowMs,
          keyRetired: false,
          teamId: options.team === 'itself' ? id : (options.team ?? null),
          publicMs: options.isPublic === true ? nowMs : null,
        };
        await insertConversation(write.tx, created, directKey);
        // a locked space without a moderator could never be opened
        const people = members.map((userId) => ({
          userId,
          isModerator: userId === caller.user.id && tags.includes('LOCKED'),
        }));
        const recorded = await record(
          write,
          caller,
          created,
          {
            object: {
              objectType: 'conversation',
              id: created.id,
              participants: {
                items: people.map(({ userId, isModerator }) => ({
                  id: userId,
                  entryUUID: userId,
                  objectType: 'person',
                  roomProperties: { isModerator },
                })),
              },
            },
            keyUrl: keys.keyUrl,
            kept: true,
            audience: 'members',
            afterEvent: (pos) => insertParticipants(write.tx, created.id, people, { pos, ms: nowMs }),
          },
          { verb: 'create' },
        );
        conversation = recorded.conversation;
      }
      for (const activity of options.first ?? [])
        conversation = (await perform(write, caller, conversation.id, activity)).conversation;
      return { ...conversation, ...(kmsMessage === undefined ? {} : { kmsMessage }) };
    });
  };
}
