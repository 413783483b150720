import type { FastifyRequest } from 'fastify';
import { ApiError, notFound } from '../../kernel/http/errors.js';
import { restBase, uuidInPath } from '../../kernel/http/fields.js';
import { asFlag, asText, defineBody, flagType, operation, textType } from '../../kernel/http/operation.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import type { Store } from '../../kernel/store/index.js';
import type { Caller, Identity } from '../identity/api.js';
import { inviteeFrom, mostInvitees, showInvitee, tooManyInvitees } from './fields.js';
import { inviteeById, inviteeOf, inviteesOf, ownScheduled, putInvitees, type InviteeRow } from './store.js';

const person = {
  email: textType('Who is invited.'),
  displayName: textType('How they are called.'),
  coHost: flagType('Whether they may do what the host may.'),
};
const newInviteeBody = defineBody({ meetingId: textType('The meeting.'), ...person }, ['email']);
const inviteeBody = defineBody(person, ['email']);

/** Who is invited to a scheduled meeting. Only its host sees and changes the list. */
export function inviteeRoutes(store: Store, identity: Pick<Identity, 'caller'>): Routes {
  const base = `${restBase}/meetingInvitees`;
  const callerOf = (request: FastifyRequest): Promise<Caller> => identity.caller(request, 'spark:all');
  const meetingOf = (id: string | undefined, { user }: Caller) =>
    ownScheduled(store.db, uuidInPath(id), user.id);

  async function owned(request: FastifyRequest): Promise<InviteeRow> {
    const caller = await callerOf(request);
    const row = await inviteeById(store.db, uuidInPath(param(request.params, 'id')));
    if (row === undefined) throw notFound();
    await ownScheduled(store.db, row.place_id, caller.user.id);
    return row;
  }

  return (app) => {
    app.get(base, async (request) => {
      const caller = await callerOf(request);
      const { id } = await meetingOf(param(request.query, 'meetingId'), caller);
      return { items: (await inviteesOf(store.db, id)).map(showInvitee) };
    });
    app.post(base, operation('Invites a person to a meeting.', newInviteeBody), async (request) => {
      const caller = await callerOf(request);
      const body = newInviteeBody.read(request.body);
      const { id } = await meetingOf(asText(body.meetingId), caller);
      const invitee = inviteeFrom(id, { ...body, coHost: asFlag(body.coHost) });
      const kept = await store.write(async ({ tx }) => {
        if ((await inviteesOf(tx, id)).length >= mostInvitees) throw tooManyInvitees();
        await putInvitees(tx, [invitee]);
        return inviteeOf(tx, id, invitee.email);
      });
      return showInvitee(kept ?? invitee);
    });
    app.get(`${base}/:id`, async (request) => showInvitee(await owned(request)));
    app.put(`${base}/:id`, operation('Replaces an invitee.', inviteeBody), async (request) => {
      const row = await owned(request);
      const body = inviteeBody.read(request.body);
      const { id, place_id } = row;
      const changed = { ...inviteeFrom(place_id, { ...body, coHost: asFlag(body.coHost) }), id };
      await store.write(async ({ tx }) => {
        const other = await inviteeOf(tx, place_id, changed.email);
        if (other !== undefined && other.id !== id)
          throw new ApiError(409, 'This person is already invited to the meeting.');
        await tx.updateTable('meeting_invitees').set(changed).where('id', '=', id).execute();
      });
      return showInvitee(changed);
    });
    app.delete(`${base}/:id`, async (request, reply) => {
      const { id } = await owned(request);
      await store.write(({ tx }) => tx.deleteFrom('meeting_invitees').where('id', '=', id).execute());
      return reply.code(204).send();
    });
  };
}
