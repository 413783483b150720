import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookDelivery } from '@trunkline/wire';
import { until } from '../kit/until.js';

/** A delivery, as it came. */
export interface Arrival {
  readonly raw: string;
  readonly body: WebhookDelivery;
  readonly headers: IncomingMessage['headers'];
}
type Answer = (response: ServerResponse, arrival: Arrival) => unknown;

/** A service that webhooks notify. */
export interface Target {
  readonly url: string;
  /** in the order they came, also those that were answered badly */
  readonly arrivals: readonly Arrival[];
  /** `resource event` of each */
  readonly kinds: () => readonly string[];
  /** the first that fits, also of those that are still to come */
  next(fits?: (arrival: Arrival) => boolean): Promise<Arrival>;
  /** from now on; default: 204 */
  answer(how: Answer): void;
  forget(): void;
  close(): Promise<void>;
}

export async function startTarget(port = 0): Promise<Target> {
  let arrivals: Arrival[] = [];
  const well: Answer = (response) => response.writeHead(204).end();
  let how = well;
  const server = createServer((request, response) => {
    let raw = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (raw += chunk));
    request.on('end', () => {
      const arrival = { raw, body: JSON.parse(raw) as WebhookDelivery, headers: request.headers };
      arrivals.push(arrival);
      how(response, arrival);
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`,
    get arrivals() {
      return arrivals;
    },
    kinds: () => arrivals.map(({ body }) => `${body.resource} ${body.event}`),
    next: async (fits = () => true) => {
      await until(
        () => arrivals.some(fits),
        () => `it did not come; there were ${arrivals.map(({ raw }) => raw).join('\n')}`,
      );
      const [found] = arrivals.filter(fits);
      if (found === undefined) throw new Error('it was there just now');
      return found;
    },
    answer: (next) => {
      how = next;
    },
    forget: () => {
      arrivals = [];
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
