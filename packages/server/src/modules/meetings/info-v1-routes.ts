import type { FastifyRequest } from 'fastify';
import { notFound } from '../../kernel/http/errors.js';
import { fields, param, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, Identity } from '../identity/api.js';
import { isExpected } from './entry.js';
import type { Finder } from './finder.js';
import { showPlace, showReachable } from './show.js';

/** Links come in base64. */
const decodeLink = (value: string): string => Buffer.from(value, 'base64').toString('utf8');

/**
 * Meeting info of older clients, which can show no password: they get what is not protected by it, and join by PIN or as
 * invitees. @source protocol/meetings-signalling.md §3.3
 */
export function infoV1Routes(
  kernel: Kernel,
  identity: Pick<Identity, 'caller' | 'userById'>,
  finder: Finder,
): Routes {
  const loci = `${servicePaths.locus}/loci/meetingInfo`;
  // clients send links below a path with a stray character
  const links = `${servicePaths.locus}/$/loci/meetingInfo`;

  async function answer(
    request: FastifyRequest,
    value: string | undefined,
    type: string | undefined,
  ): Promise<object> {
    const caller: Caller = await identity.caller(request, 'spark:all');
    const given = value ?? '';
    const found =
      type === 'PERSONAL_ROOM'
        ? ((await finder.visibleAt(caller, given)) ?? (await finder.personal(caller, given)))
        : await finder.visibleAt(caller, type === 'MEETING_LINK' ? decodeLink(given) : given);
    if (found === undefined) throw notFound('There is no such meeting.');
    const { place, row } = found;
    const urls = kernel.urls(request);
    const isOpen =
      row === undefined ||
      row.password === null ||
      (await isExpected({ db: kernel.store.db, identity }, row, caller.user.id));
    return isOpen ? showPlace(urls, place) : showReachable(urls, place);
  }

  return (app) => {
    // base64 has slashes
    for (const path of [loci, links])
      app.get(`${path}/*`, (request) =>
        answer(request, param(request.params, '*'), param(request.query, 'type')),
      );
    app.put(loci, (request) => {
      const { value, lookupType } = fields(request.body);
      return answer(request, text(value), text(lookupType));
    });
  };
}
