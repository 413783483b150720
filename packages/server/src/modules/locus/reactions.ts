import { reactionTypes } from '@trunkline/wire';
import { badRequest, forbidden } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import type { Meeting } from './model.js';

const types: ReadonlySet<string> = new Set(reactionTypes);

export interface Reaction {
  readonly type: string;
  readonly codepoints?: string;
  readonly shortcodes?: string;
  readonly tone?: { readonly type: string; readonly codepoints?: string; readonly shortcodes?: string };
}

const short = (value: unknown): string | undefined => text(value)?.slice(0, 60);
const codes = (value: Readonly<Record<string, unknown>>) => {
  const codepoints = short(value['codepoints']);
  const shortcodes = short(value['shortcodes']);
  return {
    ...(codepoints !== undefined && { codepoints }),
    ...(shortcodes !== undefined && { shortcodes }),
  };
};

/** The reaction of a body. @throws ApiError 400, 403 where the host turned reactions off */
export function readReaction({ controls }: Meeting, body: unknown): Reaction {
  if (!controls.reactions) throw forbidden('The host has turned reactions off.');
  const reaction = fields(fields(body)['reaction']);
  const type = text(reaction['type']);
  if (type === undefined || !types.has(type))
    throw badRequest(`reaction.type must be one of ${[...types].join(', ')}.`);
  const tone = fields(reaction['tone']);
  const toneType = short(tone['type']);
  return {
    type,
    ...codes(reaction),
    ...(toneType !== undefined && { tone: { type: toneType, ...codes(tone) } }),
  };
}
