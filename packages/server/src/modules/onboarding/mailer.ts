import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface Mail {
  /** an address that was checked: no line ends, no spaces */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}
export interface KeptMail extends Mail {
  readonly id: string;
  /** epoch ms */
  readonly createdMs: number;
}

/** Where mails go. This service has no mail server: another program takes them from the outbox. */
export interface Mailer {
  /** Resolves when the mail is kept. */
  send(mail: Mail): Promise<void>;
  /** The newest first. */
  list(): Promise<readonly KeptMail[]>;
}

/** mails; older ones are removed */
const mostKept = 500;

/** Forgotten at the end of the process. */
export function memoryMailer(now: () => number): Mailer {
  const mails: KeptMail[] = [];
  return {
    send: (mail) => {
      mails.unshift({ ...mail, id: randomUUID(), createdMs: now() });
      mails.length = Math.min(mails.length, mostKept);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...mails]),
  };
}

const safe = /^\d{13,15}-[0-9a-f-]{36}\.eml$/;

/**
 * A file for each mail (RFC 5322), as `sendmail -t` takes it; anyone who sends one removes it. Only this account may read
 * them: codes stand in them in clear.
 */
export function folderMailer(folder: string, now: () => number, most = mostKept): Mailer {
  const names = async (): Promise<readonly string[]> => {
    const found = await readdir(folder).catch((error: unknown) => {
      if ((error as { code?: string }).code === 'ENOENT') return [];
      throw error;
    });
    return found
      .filter((name) => safe.test(name))
      .sort()
      .reverse();
  };
  return {
    send: async ({ to, subject, text }) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const createdMs = now();
      const id = randomUUID();
      const file = path.join(folder, `${String(createdMs)}-${id}.eml`);
      const head = [
        `To: ${oneLine(to)}`,
        `Subject: ${oneLine(subject)}`,
        `Date: ${new Date(createdMs).toUTCString().replace('GMT', '+0000')}`,
        `Message-ID: <${id}@trunkline.invalid>`,
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: 8bit',
        'Auto-Submitted: auto-generated',
      ];
      // whole or not at all: another program may be watching the folder
      await writeFile(`${file}.part`, `${head.join('\r\n')}\r\n\r\n${text.replaceAll('\n', '\r\n')}`, {
        mode: 0o600,
        flag: 'wx',
      });
      await rename(`${file}.part`, file);
      for (const old of (await names()).slice(most)) await rm(path.join(folder, old), { force: true });
    },
    list: async () => {
      const mails: KeptMail[] = [];
      for (const name of (await names()).slice(0, most)) {
        const source = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
        if (source === undefined) continue; // sent meanwhile
        const [createdMs, id] = [name.slice(0, name.indexOf('-')), name.slice(name.indexOf('-') + 1, -4)];
        const end = source.indexOf('\r\n\r\n');
        const field = (field: string): string =>
          new RegExp(`^${field}: (.*)$`, 'm').exec(source.slice(0, end))?.[1]?.trim() ?? '';
        mails.push({
          id,
          to: field('To'),
          subject: field('Subject'),
          text: source.slice(end + 4).replaceAll('\r\n', '\n'),
          createdMs: Number(createdMs),
        });
      }
      return mails;
    },
  };
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');
