// Where meetings and their parts lie, below the address that the client uses.
import { deviceUrl, type Urls } from '../../kernel/http/urls.js';
import type { Device } from './model.js';

export const locusUrl = (urls: Urls, id: string): string => `${urls.service('locus')}/loci/${id}`;
export const participantUrl = (urls: Urls, id: string, participantId: string): string =>
  `${locusUrl(urls, id)}/participant/${participantId}`;
/** The URL of a registered device; phones have URLs of their own. */
export const urlOfDevice = (urls: Urls, { key, phone }: Pick<Device, 'key' | 'phone'>): string =>
  phone === undefined ? deviceUrl(urls, key) : key;

const locusPattern = /\/locus\/api\/v1\/loci\/([0-9a-f-]{36})(?:\/|$)/;
const participantPattern = /\/participant\/([0-9a-f-]{36})(?:\/|$)/;
/** The id in a Locus URL, whatever its base; undefined when there is none. */
export const locusIdOf = (url: string): string | undefined => locusPattern.exec(url)?.[1];
export const participantIdOf = (url: string): string | undefined => participantPattern.exec(url)?.[1];
