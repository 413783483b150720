import { checkInit, isRecord, unexpected } from '../../kit/arguments.js';
import type { RequestOptions } from '../host.js';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const forms = new Set(['json', 'text', 'bytes', 'response']);

/** Checks what a JavaScript caller may have got wrong. @throws {SdkError} `ERR_ARGUMENT` that names the option */
export function checkRequest(options: RequestOptions): void {
  if (!isRecord(options)) throw unexpected('request', 'an object of options', options);
  checkInit(options, 'request');
  const given = options as { readonly [K in keyof RequestOptions]: unknown };
  const { method, url, service, path, query, headers, as, onProgress, maxRetries } = given;
  if (isGiven(method) && !methods.has(method as string))
    throw unexpected('request.method', [...methods].join(', '), method);
  for (const [name, value] of Object.entries({ url, service, path }))
    if (isGiven(value) && typeof value !== 'string') throw unexpected(`request.${name}`, 'a string', value);
  if (isGiven(query) && !isRecord(query)) throw unexpected('request.query', 'an object', query);
  if (isGiven(headers) && !isRecord(headers)) throw unexpected('request.headers', 'an object', headers);
  if (isGiven(as) && !forms.has(as as string)) throw unexpected('request.as', [...forms].join(', '), as);
  if (isGiven(onProgress) && typeof onProgress !== 'function')
    throw unexpected('request.onProgress', 'a function', onProgress);
  if (isGiven(maxRetries) && !(typeof maxRetries === 'number' && maxRetries >= 0))
    throw unexpected('request.maxRetries', 'a number, 0 or above', maxRetries);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
