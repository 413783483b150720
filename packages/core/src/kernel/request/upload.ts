import type { Upload } from '../platform.js';

/** Browsers tell how far a body is only through XMLHttpRequest. */
export const uploadByXhr: Upload = (send, url, init, tell) => {
  const { method = 'GET', headers, body, signal } = init;
  if (typeof XMLHttpRequest === 'undefined' || 'duplex' in init) return send(url, init);
  const xhr = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      xhr.abort();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the signal's own reason, whatever it is
      reject(signal?.reason);
    };
    xhr.open(method, url);
    xhr.responseType = 'blob';
    new Headers(headers).forEach((value, name) => {
      xhr.setRequestHeader(name, value);
    });
    xhr.upload.onprogress = ({ loaded, total }) => {
      tell(loaded, total);
    };
    xhr.onload = resolve;
    xhr.onerror = () => {
      reject(new TypeError('the upload failed'));
    };
    xhr.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort);
    xhr.send(body as XMLHttpRequestBodyInit);
  }).then(() => {
    const { status, statusText } = xhr;
    const answered = new Headers();
    for (const [, name = '', value = ''] of xhr.getAllResponseHeaders().matchAll(/^([^:\s]+):(.*)$/gm))
      answered.append(name, value.trim());
    // these have no body, and Response takes none for them
    const empty = status === 204 || status === 205 || status === 304;
    return new Response(empty ? null : (xhr.response as Blob), { status, statusText, headers: answered });
  });
};
