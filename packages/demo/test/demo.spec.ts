import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { openScene, openWindow, signedIn, type Scene } from './support/scene.js';

// what Chromium itself says at a cut or refused connection; anything else on the console is ours to answer for
const expectedNoise = /WebSocket|Failed to load resource|net::ERR/;

const composer = (page: Page): Locator => page.getByTestId('composer');
const said = (page: Page, text: string): Locator => page.getByTestId('message').filter({ hasText: text });
const room = (page: Page, title: string): Locator => page.getByTestId('room').filter({ hasText: title });
const say = async (page: Page, text: string): Promise<void> => {
  await composer(page).fill(text);
  await composer(page).press('Enter');
};

describe('the demo', function () {
  this.timeout(120_000);
  let scene: Scene;
  let ana: Page;
  let ben: Page;
  const complaints: string[] = [];
  const watch = (page: Page): void => {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !expectedNoise.test(message.text())) complaints.push(message.text());
    });
  };

  before(async function () {
    const opened = await openScene();
    if (opened === undefined) this.skip(); // no Chromium here, and it is not required
    scene = opened;
    [ana, ben] = await Promise.all([signedIn(scene, scene.ana), signedIn(scene, scene.ben)]);
    watch(ana);
    watch(ben);
  });
  after(async () => {
    await (scene as Scene | undefined)?.close();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed' || (ben as Page | undefined) === undefined) return;
    // what was on the pages says more than a locator that was not found
    for (const page of [ana, ben]) console.error(await page.locator('main').innerText());
  });

  it('fills in the email of the person that is clicked on the first page (H29)', async () => {
    const page = await openWindow(scene);
    await page.getByTestId('demo-person').filter({ hasText: 'Ben Okoro' }).click();
    await page.waitForURL(/\/authorize\?/);
    expect(await page.getByLabel('Email').inputValue()).to.equal('ben@example.com');
    await page.getByLabel('Password').fill(scene.ben.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const allow = page.getByRole('button', { name: 'Allow', exact: true });
    await allow.or(page.getByTestId('me')).first().waitFor();
    await page.context().close();
  });
  it('shows no unread mark in a room where the newest message is one’s own (H29)', async () => {
    const { id: roomId = '' } = await scene.rest(scene.ana, 'rooms', { title: 'Mine is newest' });
    await scene.rest(scene.ana, 'memberships', { roomId, personEmail: scene.cara.email });
    await scene.rest(scene.ana, 'messages', { roomId, text: 'first' });
    await scene.rest(scene.cara, 'messages', { roomId, text: 'mine' });
    const page = await signedIn(scene, scene.cara);
    const row = page.getByTestId('room').filter({ hasText: 'Mine is newest' });
    await row.getByText('You: mine').waitFor();
    expect(await row.getByTestId('unread').count()).to.equal(0);
    await page.context().close();
  });
  it('signs two people in by the service’s own page', async () => {
    expect(await ana.getByTestId('me').innerText()).to.include('Ana Lima');
    expect(await ben.getByTestId('me').innerText()).to.include('Ben Okoro');
    expect(ana.url(), 'no code and no token in the address').to.equal(`${scene.url}/`);
  });

  it('makes a room, and the other sees it with an unread mark', async () => {
    await ana.getByRole('main').getByRole('button', { name: 'New room' }).click();
    await ana.getByTestId('room-title').fill('Launch');
    await ana.getByTestId('people-search').fill('ben');
    await ana.getByRole('button', { name: 'Ben Okoro' }).click();
    await ana.getByRole('button', { name: 'Make the room' }).click();
    await ana.getByRole('dialog').waitFor({ state: 'detached' });
    await say(ana, 'The launch is at **nine**.');
    await room(ben, 'Launch').getByTestId('unread').waitFor();
    await room(ben, 'Launch').getByText('Ana: The launch is at nine.').waitFor();
  });

  it('carries messages both ways as they are written, rendered', async () => {
    await room(ben, 'Launch').click();
    await said(ben, 'The launch is at nine.').locator('strong').waitFor();
    await say(ben, 'I bring the <b>keys</b>.');
    await said(ana, 'I bring the <b>keys</b>.').waitFor();
    await room(ben, 'Launch').getByTestId('unread').waitFor({ state: 'detached' });
  });

  it('shows who has read', async () => {
    await say(ana, 'Then all is ready.');
    await said(ben, 'Then all is ready.').waitFor();
    await ana.getByLabel('Read by Ben Okoro').waitFor();
  });

  it('edits the last message with ↑ and deletes one, for both', async () => {
    await say(ana, 'Bring teh cake');
    await said(ben, 'Bring teh cake').waitFor();
    await composer(ana).press('ArrowUp');
    await ana.getByText('You are editing a message.').waitFor();
    await composer(ana).fill('Bring the cake');
    await composer(ana).press('Enter');
    await said(ben, 'Bring the cake').getByText('(edited)').waitFor();
    const mine = said(ana, 'Bring the cake');
    await mine.hover();
    await mine.getByRole('button', { name: 'Delete' }).click();
    await mine.getByRole('button', { name: 'Delete for everybody' }).click();
    await said(ben, 'Bring the cake').waitFor({ state: 'detached' });
    await said(ana, 'Bring the cake').waitFor({ state: 'detached' });
  });

  it('carries a file, with progress, and gives it back as it was', async () => {
    const { id } = (await scene.admin('faults', {
      ...{ kind: 'delay', delayMs: 700, times: 1, match: { path: '/files', method: 'PUT' } },
    })) as { id: string };
    const buffer = Buffer.alloc(300_000, 'plans ');
    await ana
      .getByTestId('file-chooser')
      .setInputFiles({ name: 'plans.txt', mimeType: 'text/plain', buffer });
    await composer(ana).press('Enter');
    await ana.getByTestId('pending').getByRole('progressbar', { name: 'plans.txt' }).waitFor();
    const file = ben.getByTestId('file').filter({ hasText: 'plans.txt' });
    await file.getByText('293 KB').waitFor();
    const download = ben.waitForEvent('download');
    await file.click();
    const stream = await (await download).createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(buffer), 'the same bytes').to.equal(true);
    await ana.getByTestId('pending').waitFor({ state: 'detached' });
    await scene.removeFault(id).catch(() => undefined); // used up
  });

  it('shows images where they were sent', async () => {
    await ben.getByTestId('file-chooser').setInputFiles({
      name: 'dot.png',
      mimeType: 'image/png',
      buffer: Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
    });
    await composer(ben).press('Enter');
    await ana.getByRole('img', { name: 'dot.png' }).waitFor();
  });

  it('keeps what could not be sent, and sends it when asked to', async () => {
    const { id } = (await scene.admin('faults', {
      ...{ kind: 'status', status: 403, match: { path: '/conversation', method: 'POST' } },
    })) as { id: string };
    await say(ana, 'Will this arrive?');
    await ana.getByText('Not sent.').waitFor();
    await scene.removeFault(id);
    await ana.getByTestId('pending').getByRole('button', { name: 'Try again' }).click();
    await said(ben, 'Will this arrive?').waitFor();
    await ana.getByTestId('pending').waitFor({ state: 'detached' });
  });

  it('says so when the connection is cut, and comes back with what was missed', async () => {
    const { id } = (await scene.admin('faults', { kind: 'refuse-sockets' })) as { id: string };
    await scene.admin('faults', { kind: 'drop-sockets' });
    await ben.getByText('No connection to the service.').waitFor();
    await ben.getByText(/Trying again in \d+ s\./).waitFor();
    await say(ana, 'Said while you were away');
    await ben.getByRole('button', { name: 'Retry now' }).click();
    await scene.removeFault(id);
    await said(ben, 'Said while you were away').waitFor();
    await ben.getByText('No connection to the service.').waitFor({ state: 'detached' });
    expect(await said(ben, 'Said while you were away').count()).to.equal(1);
  });

  it('reads older messages above, without a jump', async () => {
    const { id: roomId = '' } = await scene.rest(scene.ana, 'rooms', { title: 'Archive' });
    for (let n = 0; n < 90; n += 1)
      await scene.rest(scene.ana, 'messages', { roomId, text: `line ${String(n)} of many` });
    await room(ana, 'Archive').click();
    await said(ana, 'line 89 of many').waitFor();
    const timeline = ana.getByTestId('timeline');
    expect(await said(ana, 'line 20 of many').count(), 'not read yet').to.equal(0);
    await timeline.evaluate((box) => {
      box.scrollTop = 120;
    });
    await said(ana, 'line 20 of many').waitFor({ state: 'attached' });
    // what was at the top is where it was: as far from the end as before
    const seen = await timeline.evaluate((box) => {
      const top = box.getBoundingClientRect().top;
      const first = [...box.querySelectorAll('[data-testid=message]')].find(
        (message) => message.getBoundingClientRect().bottom > top,
      );
      return first?.textContent ?? '';
    });
    expect(Number(/line (\d+)/.exec(seen)?.[1])).to.be.within(48, 56);
  });

  it('is used by the keyboard alone', async () => {
    await ana.getByTestId('timeline').focus();
    await ana.keyboard.press('?');
    await ana.getByRole('dialog', { name: 'Help' }).waitFor();
    await ana.keyboard.press('Escape');
    await ana.getByRole('dialog').waitFor({ state: 'detached' });
    await ana.keyboard.press('Control+k');
    await ana.getByTestId('switcher').pressSequentially('lau');
    await ana.keyboard.press('Enter');
    await ana.getByRole('heading', { name: 'Launch' }).waitFor();
    await ana.keyboard.type('Sent without');
    await ana.keyboard.press('Shift+Enter');
    await ana.keyboard.type('a mouse');
    await ana.keyboard.press('Enter');
    const message = said(ben, 'Sent without');
    await message.waitFor();
    expect(await message.innerText()).to.include('Sent without\na mouse');
  });

  it('shows in the inspector what really travels: ciphertext, and no token', async () => {
    await ben.keyboard.press('Control+i');
    const inspector = ben.getByTestId('inspector');
    await say(ana, 'A secret between us');
    await said(ben, 'A secret between us').waitFor();
    await inspector.getByLabel('Filter').fill('"verb":"post"');
    const frame = inspector.getByRole('button', { name: /conversation\.activity/ }).last();
    await frame.click();
    const details = ben.getByTestId('details');
    await details.getByText('"displayName": "eyJ').waitFor();
    expect(await details.innerText()).not.to.include('A secret between us');
    await inspector.getByRole('button', { name: 'requests' }).click();
    await inspector.getByLabel('Filter').fill('activities');
    await inspector.getByRole('button', { name: /POST/ }).last().click();
    await details.getByText('hidden').first().waitFor();
    expect(await details.innerText()).to.match(/authorization/i);
    await ben.keyboard.press('Control+i');
    await inspector.waitFor({ state: 'detached' });
  });

  it('writes to a person: a room for two with the other’s name', async () => {
    await ana.getByRole('button', { name: 'Write to a person' }).click();
    await ana.getByTestId('people-search').fill('cara@example.com');
    await ana.getByTestId('people-search').press('Enter');
    await ana.getByRole('dialog').getByLabel('Message').fill('Hello Cara');
    await ana.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await ana.getByRole('heading', { name: 'Cara Voss' }).waitFor();
  });

  it('changes its colours and remembers that', async () => {
    const paper = () =>
      ana.evaluate(() => getComputedStyle(document.querySelector('main') ?? document.body).backgroundColor);
    const light = await paper();
    await ana.getByRole('button', { name: 'Dark colours' }).click();
    const dark = await paper();
    expect(dark).not.to.equal(light);
    await ana.reload();
    await ana.getByTestId('me').waitFor(); // still signed in, too
    expect(await paper()).to.equal(dark);
  });

  it('says that a sign-in has ended, and how to go on', async () => {
    await scene.admin('tokens/revoke', { accessToken: scene.cara.accessToken });
    await ben.evaluate(() => {
      for (const key of Object.keys(sessionStorage)) sessionStorage.removeItem(key);
    });
    const { id } = await userOf(scene, scene.ben.accessToken);
    await scene.admin('faults', { kind: 'expire-tokens', match: { userId: id } });
    await scene.admin('faults', { kind: 'drop-sockets', match: { userId: id } });
    await ben.getByText('Your sign-in has ended.').waitFor();
    await ben.getByRole('button', { name: 'Sign in again' }).waitFor();
  });

  it('signs out', async () => {
    await ana.getByRole('button', { name: 'Sign out' }).click();
    await ana.getByRole('button', { name: 'Sign in' }).waitFor();
    await ana.reload();
    await ana.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('stays usable on a narrow screen', async () => {
    const page = await signedIn(scene, scene.cara, { width: 380, height: 700 });
    await room(page, 'Ana Lima').click();
    await said(page, 'Hello Cara').waitFor();
    expect(await page.getByTestId('me').isVisible()).to.equal(false);
    await page.getByRole('button', { name: 'All rooms' }).click();
    await page.getByTestId('me').waitFor();
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth),
      'nothing hangs over the edge',
    ).to.be.at.most(380);
  });

  it('says what to do when the service cannot be reached', async () => {
    const page = await openWindow(scene);
    await page.route('**/config.json', (route) => route.abort());
    await page.reload();
    await page.getByRole('heading', { name: 'This did not start' }).waitFor();
    await page.unroute('**/config.json');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('complained of nothing meanwhile', () => {
    expect(complaints).to.deep.equal([]);
  });
});

async function userOf(scene: Scene, token: string): Promise<{ readonly id: string }> {
  const answer = await fetch(`${scene.service}/v1/people/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { id } = (await answer.json()) as { readonly id: string };
  // the admin interface speaks of bare uuids
  return { id: Buffer.from(id, 'base64url').toString().split('/').at(-1) ?? '' };
}
