import { type AttachmentAction, encodeId } from '@trunkline/wire';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { idInField, idInPath, iso, messageId, personId, restBase, roomId } from '../../kernel/http/fields.js';
import { choiceType, defineBody, idType, objectType, operation } from '../../kernel/http/operation.js';
import { isFields, param, text, texts } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import type { StoredActivity } from '../../modules/conversation/api.js';
import { parseSealed } from '../messages/message-show.js';
import { messageIn } from '../messages/messages.js';
import { readable, type Rest } from '../tools.js';

const newAction = defineBody(
  {
    type: choiceType(['submit'], 'The kind of action.'),
    messageId: idType('The message with the card.'),
    inputs: objectType('What was entered, by the id of each input.'),
  },
  ['messageId'],
);

/** What a user sent off from a card. @source protocol/hydra-rest.md §4 */
export function attachmentActionRoutes(rest: Rest): Routes {
  const { conversations, identity } = rest;

  const read = async (action: StoredActivity): Promise<unknown> =>
    parseSealed(await readable(rest, action.keyUrl, text(action.object.inputs)));

  function show(action: StoredActivity, inputs: unknown): AttachmentAction {
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

  return (app) => {
    app.post(
      `${restBase}/attachment/actions`,
      operation('Submits the inputs of a card.', newAction),
      async (request) => {
        const caller = await identity.caller(request, 'spark:messages_write');
        const body = newAction.read(request.body);
        if (body.type === undefined) throw badRequest('type must be submit.');
        const id = idInField('MESSAGE', 'messageId', body.messageId);
        if (id === undefined) throw badRequest('messageId is required.');
        const inputs = body.inputs ?? {};
        const json = JSON.stringify(inputs);
        const { message, conversation } = await messageIn(rest, caller, id);
        const edit = (await conversations.reads.edits([message.id])).get(message.id)?.latest;
        if (texts((edit?.object.cards === undefined ? message : edit).object.cards).length === 0)
          throw badRequest('The message has no card.');
        const action = await conversations.submit(caller, conversation.id, {
          verb: 'cardAction',
          object: { objectType: 'submit', inputs: json },
          parent: { id: message.id, type: 'cardAction' },
        });
        return show(action, inputs);
      },
    );

    app.get(`${restBase}/attachment/actions/:id`, async (request) => {
      const caller = await identity.caller(request, 'spark:messages_read');
      const id = idInPath('ATTACHMENT_ACTION', param(request.params, 'id'));
      const found = await conversations.reads.activity(caller.user.id, id);
      if (found?.activity.verb !== 'cardAction') throw notFound();
      // anyone who may not read the message (bots), or not any more, may not read the result
      await messageIn(rest, caller, found.activity.parent?.id);
      return show(found.activity, await read(found.activity));
    });
  };
}
