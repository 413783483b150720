import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../auth/kit.js';
import { join, part, roomOf, type Member } from '../kit/members.js';
import { start, type Program } from './program.js';

describe('the read-status page', () => {
  let browser: Browser | undefined;
  let cloud: Cloud;
  let ben: Member;
  let server: Program;
  let page: Page;
  const wrong: string[] = [];
  before(async function () {
    browser = await launch();
    cloud = await startCloud();
    [ben] = await join(cloud, 'rest', ['ben']);
    if (browser === undefined) return this.skip();
    const { accessToken } = await cloud.person('ana');
    server = await start('read-status/serve.mjs', { SERVICE: cloud.url, TOKEN: accessToken, PORT: '0' });
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => wrong.push(message));
  });
  after(async () => {
    await browser?.close();
    await part(cloud, ben);
  });

  it('marks what is unread, shows it, and notifies the others', async () => {
    const { id: roomId } = await roomOf(ben, 'ana@example.com');
    const message = await ben.messages.create({ roomId, text: 'have you read this?' });
    const seen = new Promise<string | undefined>((resolve) => {
      ben.memberships.on('seen', ({ lastSeenId, personEmail }) => {
        if (personEmail === 'ana@example.com') resolve(lastSeenId);
      });
    });
    await page.goto(/http:\S+/.exec(server.firstLine)?.[0] ?? '');
    await page.locator('#rooms .unread').click();
    await page.getByText('have you read this?').waitFor();
    expect(await seen).to.equal(message.id);
    await page.locator('.reader[title="Ana has read up to here"]').waitFor();
    await page.locator('#rooms button:not(.unread)').waitFor();
  });
  it('moves the mark as another one reads', async () => {
    const [room] = (await ben.rooms.list().page()).items;
    const message = await ben.messages.create({ roomId: room?.id ?? '', text: 'and this?' });
    await page.getByText('and this?').waitFor();
    await ben.memberships.updateLastSeen(message);
    await page.locator('li', { hasText: 'and this?' }).locator('.reader[title^="Ben"]').waitFor();
    expect(wrong).to.deep.equal([]);
    await server.end();
  });
});
