import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { badRequest } from '../../http/errors.js';
import { namesPrivateAddress, publicLookup } from '../../http/outbound.js';

const maxRedirects = 3;
const timeoutMs = 10_000;

/** Gets a file that a message names by URL. @throws ApiError 400 for what cannot or must not be fetched */
export async function fetchRemote(
  address: string,
  options: { readonly allowPrivate: boolean; readonly maxBytes: number },
  redirects = 0,
): Promise<IncomingMessage> {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw badRequest('A file URL is not valid.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw badRequest('A file URL must begin with http or https.');
  const refused = !options.allowPrivate && namesPrivateAddress(url);
  if (refused) throw badRequest('The file could not be fetched from its URL.');
  const response = await new Promise<IncomingMessage | undefined>((resolve) => {
    const request = (url.protocol === 'https:' ? https : http)(
      url,
      {
        timeout: timeoutMs,
        headers: { accept: '*/*' },
        ...(options.allowPrivate ? {} : { lookup: publicLookup }),
      },
      resolve,
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(undefined);
    });
    request.end();
  });
  const status = response?.statusCode ?? 0;
  const location = response?.headers.location;
  if (response !== undefined && status >= 300 && status < 400 && location !== undefined) {
    response.destroy();
    if (redirects >= maxRedirects) throw badRequest('The file could not be fetched from its URL.');
    return fetchRemote(new URL(location, url).href, options, redirects + 1);
  }
  if (response === undefined || status !== 200) {
    response?.destroy();
    throw badRequest('The file could not be fetched from its URL.');
  }
  if (Number(response.headers['content-length'] ?? 0) > options.maxBytes) {
    response.destroy();
    throw badRequest('The file is too large.');
  }
  return response;
}
