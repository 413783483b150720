import type { Webex } from './webex.js';

/** Follows the people whom an app shows: the worker of `webex.presence`, by itself. Changes are its event `updated`. */
export class PresenceWorker {
  private webex: Webex | undefined;
  /** Begins to ask and to subscribe. */
  initialize(webex: Webex): void {
    this.webex = webex;
    webex.internal.presence.initializeWorker();
  }
  /** A person is shown. */
  enqueue(personId: string): unknown {
    return this.webex?.internal.presence.enqueue(personId);
  }
  /** A person is no longer shown. */
  dequeue(personId: string): unknown {
    return this.webex?.internal.presence.dequeue(personId);
  }
}
