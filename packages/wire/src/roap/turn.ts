import { answerInResponse, noOk, roapVersion, type RoapMessage } from './message.js';

/** Where to relay media, as `iceServers` of a peer connection takes it. */
export interface TurnServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

const names = {
  url: 'x-cisco-turn-url',
  username: 'x-cisco-turn-username',
  credential: 'x-cisco-turn-password',
} as const;

/** The ROAP message that asks for TURN servers. Its `seq` is 0 and does not count as an offer. */
export const turnDiscoveryRequest = (): RoapMessage => ({
  messageType: 'TURN_DISCOVERY_REQUEST',
  version: roapVersion,
  seq: 0,
  headers: [answerInResponse, noOk],
});

/** The response to {@link turnDiscoveryRequest}. Without a server the URL is empty, which clients take as "no TURN". */
export const turnDiscoveryResponse = (server?: TurnServer): RoapMessage => ({
  messageType: 'TURN_DISCOVERY_RESPONSE',
  version: roapVersion,
  seq: 0,
  headers: [
    ...(server?.urls ?? ['']).map((url) => `${names.url}=${url}`),
    `${names.username}=${server?.username ?? 'none'}`,
    `${names.credential}=${server?.credential ?? 'none'}`,
    noOk,
  ],
});

/**
 * Reads the TURN server of a `TURN_DISCOVERY_RESPONSE`.
 *
 * @returns undefined when a header is missing or every URL is empty
 */
export function readTurnServer({ headers = [] }: RoapMessage): TurnServer | undefined {
  const values = (name: string): readonly string[] =>
    headers.flatMap((header) => (header.startsWith(`${name}=`) ? [header.slice(name.length + 1)] : []));
  const urls = values(names.url).filter((url) => url !== '');
  const [username] = values(names.username);
  const [credential] = values(names.credential);
  if (urls.length === 0 || username === undefined || credential === undefined) return undefined;
  return { urls, username, credential };
}
