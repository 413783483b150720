import pino, { type Logger } from 'pino';

const secretPaths = ['authorization', 'password', 'token', 'accessToken', 'refreshToken', 'clientSecret'];

/** JSON lines on stderr, without secrets; stdout belongs to the command line. */
export const createLog = (level: string): Logger =>
  pino(
    {
      level,
      redact: {
        paths: secretPaths.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
