import { Webex, type WebexAttrs } from './webex.js';

/** `Webex.init`, for `import { init }` and for `require('@trunkline/webex').init`. */
export const init = (attrs?: WebexAttrs | string): Webex => Webex.init(attrs);
/** The version of this package. */
export const version = Webex.version;
