/** The device's socket URL with what the service wants to know. @source protocol/device-and-mercury.md §4.1 */
export function socketUrl(webSocketUrl: string, nowMs: number, ephemeral: boolean): string {
  const url = new URL(webSocketUrl);
  url.searchParams.set('outboundWireFormat', 'text');
  url.searchParams.set('bufferStates', 'true');
  url.searchParams.set('aliasHttpStatus', 'true');
  if (ephemeral) url.searchParams.set('multipleConnections', 'true');
  url.searchParams.set('clientTimestamp', String(nowMs));
  return url.href;
}
