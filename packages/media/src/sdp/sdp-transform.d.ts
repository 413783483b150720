declare module 'sdp-transform' {
  export function parse(sdp: string): object;
  export function write(session: object): string;
}
