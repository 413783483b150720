import { decodeId, isUuid, safeName, type Scr } from '@trunkline/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, notFound } from '../../kernel/http/errors.js';
import { restBase } from '../../kernel/http/fields.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import { parseScr } from '../../modules/files/api.js';
import { readable, type Rest } from '../tools.js';
import { filesOf } from './message-show.js';
import { messageIn } from './messages.js';

// a strange type must not make a browser run what it shows
const goodType = /^[\w.+-]+\/[\w.+-]+$/;

const dispositionOf = (name: string): string => {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"${plain === name ? '' : `; filename*=UTF-8''${exact}`}`;
};

/** @throws ApiError 410: the sender wrote it, so no one can correct it */
function scrIn(json: string): Scr {
  try {
    return parseScr(json);
  } catch {
    throw new ApiError(410, 'The file cannot be decrypted: its record is damaged.');
  }
}

/** Files of messages, decrypted on their way out. @source protocol/hydra-rest.md §3.2 */
export function contentRoutes(rest: Rest): Routes {
  const { files, identity } = rest;

  async function send(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = await identity.caller(request);
    const decoded = decodeId(param(request.params, 'id') ?? '');
    const [activityId = '', index = ''] = decoded?.type === 'CONTENT' ? decoded.local.split('/') : [];
    if (!isUuid(activityId) || !/^\d{1,3}$/.test(index)) throw notFound();
    const { conversation, message } = await messageIn(rest, caller, activityId);
    const edit = (await rest.conversations.reads.edits([message.id])).get(message.id)?.latest;
    const { keyUrl, object } = filesOf(message, edit);
    const file = object.files?.items[Number(index)];
    if (file === undefined) throw notFound();
    const scr = await readable(rest, keyUrl, file.scr);
    if (scr === undefined) throw new ApiError(410, 'The file cannot be decrypted any more.');
    const name = safeName(await readable(rest, keyUrl, file.displayName));
    const opened = await files.open(file.url, scrIn(scr), conversation.id);
    if (opened === undefined) throw new ApiError(410, 'The file is gone.');
    void reply
      .header('content-disposition', dispositionOf(name))
      .header('content-length', String(opened.size))
      .header('x-content-type-options', 'nosniff')
      .type(
        file.mimeType !== undefined && goodType.test(file.mimeType)
          ? file.mimeType
          : 'application/octet-stream',
      );
    if (request.method === 'HEAD') {
      opened.stream.destroy();
      return reply.send();
    }
    return reply.send(opened.stream);
  }

  return (app) => {
    app.route({ method: ['GET', 'HEAD'], url: `${restBase}/contents/:id`, handler: send });
  };
}
