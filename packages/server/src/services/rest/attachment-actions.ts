import { encodeId, type AttachmentAction } from '@trunkline/wire';
import { badRequest, notFound } from '../../http/errors.js';
import type { Routes, StoredActivity } from '../contracts.js';
import { fields, isFields, param, text, texts } from '../untrusted.js';
import { hasSubmit } from './cards.js';
import { messageIn } from './messages.js';
import { base, idInField, idInPath, iso, messageId, personId, readable, roomId, type Rest } from './tools.js';

const longestInputs = 32 * 1024;

/** What somebody sent off from a card. @source protocol/hydra-rest.md §4 */
export function attachmentActionRoutes(rest: Rest): Routes {
  const { conversations, identity } = rest;

  async function show(action: StoredActivity): Promise<AttachmentAction> {
    const json = await readable(rest, action.keyUrl, text(action.object.inputs));
    let inputs: unknown;
    try {
      inputs = json === undefined ? undefined : JSON.parse(json);
    } catch {
      // a client encrypted something else
    }
    return {
      id: encodeId('ATTACHMENT_ACTION', action.id),
      type: 'submit',
      messageId: messageId(action.parent?.id ?? ''),
      ...(isFields(inputs) ? { inputs } : {}),
      personId: personId(action.actorId),
      roomId: roomId(action.conversationId),
      created: iso(action.publishedMs),
    };
  }

  /** Cards that cannot be read any more offer nothing to press. */
  async function offersSubmit(message: StoredActivity): Promise<boolean> {
    for (const card of texts(message.object.cards)) {
      const json = await readable(rest, message.keyUrl, card);
      try {
        if (json !== undefined && hasSubmit(JSON.parse(json))) return true;
      } catch {
        // a client encrypted something that is no card
      }
    }
    return false;
  }

  return (app) => {
    app.post(`${base}/attachment/actions`, async (request) => {
      const caller = await identity.caller(request, 'spark:messages_write');
      const body = fields(request.body);
      if (body['type'] !== 'submit') throw badRequest('type must be submit.');
      const id = idInField('MESSAGE', 'messageId', body['messageId']);
      if (id === undefined) throw badRequest('messageId is required.');
      const inputs = body['inputs'] ?? {};
      if (!isFields(inputs)) throw badRequest('inputs must be an object.');
      const json = JSON.stringify(inputs);
      if (Buffer.byteLength(json) > longestInputs)
        throw badRequest(`inputs must not have more than ${String(longestInputs)} bytes.`);
      const { message, conversation } = await messageIn(rest, caller, id);
      if (!(await offersSubmit(message))) throw badRequest('The message has no card with an Action.Submit.');
      return show(
        await conversations.submit(caller, conversation.id, {
          verb: 'cardAction',
          object: { objectType: 'submit', inputs: json },
          parent: { id: message.id, type: 'cardAction' },
        }),
      );
    });

    app.get(`${base}/attachment/actions/:id`, async (request) => {
      const caller = await identity.caller(request, 'spark:messages_read');
      const id = idInPath('ATTACHMENT_ACTION', param(request.params, 'id'));
      const found = await conversations.reads.activity(caller.user.id, id);
      if (found?.activity.verb !== 'cardAction') throw notFound();
      // whoever may not read the message (bots), or nobody any more, may not read what came of it
      await messageIn(rest, caller, found.activity.parent?.id);
      return show(found.activity);
    });
  };
}
