// Where meetings and their parts lie, below the address that the client uses.
import { deviceUrl, type Urls } from '../../kernel/http/urls.js';
import type { Device } from './model.js';

export const locusUrl = (urls: Urls, id: string): string => `${urls.service('locus')}/loci/${id}`;
export const participantUrl = (urls: Urls, id: string, participantId: string): string =>
  `${locusUrl(urls, id)}/participant/${participantId}`;
/** The URL of a registered device; phones have URLs of their own. */
export const urlOfDevice = (urls: Urls, { key, phone }: Pick<Device, 'key' | 'phone'>): string =>
  phone === undefined ? deviceUrl(urls, key) : key;
