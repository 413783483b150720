import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { openScene, signedIn, type Scene } from './support/scene.js';

const composer = (page: Page): Locator => page.getByTestId('composer');
const said = (page: Page, text: string): Locator => page.getByTestId('message').filter({ hasText: text });
const room = (page: Page, title: string): Locator => page.getByTestId('room').filter({ hasText: title });
const say = async (page: Page, text: string): Promise<void> => {
  await composer(page).fill(text);
  await composer(page).press('Enter');
};

describe('two people in the demo', function () {
  this.timeout(120_000);
  let scene: Scene;
  let ana: Page;
  let ben: Page;
  const complaints: string[] = [];

  before(async function () {
    const opened = await openScene();
    if (opened === undefined) this.skip(); // no Chromium here, and it is not required
    scene = opened;
    [ana, ben] = await Promise.all([signedIn(scene, scene.ana), signedIn(scene, scene.ben)]);
    for (const page of [ana, ben]) page.on('pageerror', (error) => complaints.push(error.message));
    const { id: roomId = '' } = await scene.rest(scene.ana, 'rooms', { title: 'Launch' });
    await scene.rest(scene.ana, 'memberships', { roomId, personEmail: scene.ben.email });
    await Promise.all([room(ana, 'Launch').click(), room(ben, 'Launch').click()]);
    await say(ana, 'The launch is at nine.');
    await said(ben, 'The launch is at nine.').waitFor();
  });
  after(async () => {
    await (scene as Scene | undefined)?.close();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed' || (ben as Page | undefined) === undefined) return;
    for (const page of [ana, ben]) console.error(await page.locator('main').innerText());
  });

  it('see each other type, in the room and in the list, until the words are there', async () => {
    await composer(ben).pressSequentially('I am wri');
    await ana.getByTestId('typing').getByText('Ben is typing…').waitFor();
    await room(ana, 'Launch').getByText('Ben is typing…').waitFor();
    await composer(ben).fill('');
    await ana.getByText('Ben is typing…').first().waitFor({ state: 'detached' });
    await composer(ben).pressSequentially('Done');
    await ana.getByTestId('typing').getByText('Ben is typing…').waitFor();
    await composer(ben).press('Enter');
    await said(ana, 'Done').waitFor();
    await ana.getByText('Ben is typing…').first().waitFor({ state: 'detached' });
  });

  it('see what the other has read', async () => {
    await say(ana, 'Read this.');
    await said(ben, 'Read this.').waitFor();
    await ana.getByLabel('Read by Ben Okoro').waitFor();
  });

  it('see each other’s reactions, counted, with who they are; a click takes one’s own back', async () => {
    const message = said(ana, 'The launch is at nine.');
    await message.hover();
    await message.getByRole('button', { name: 'React' }).click();
    await message.getByRole('button', { name: 'celebrate' }).click();
    const atBen = said(ben, 'The launch is at nine.').getByTestId('reaction');
    await atBen.filter({ hasText: '1' }).waitFor();
    expect(await atBen.getAttribute('aria-label')).to.equal('Ana Lima: celebrate');
    expect(await atBen.getAttribute('aria-pressed')).to.equal('false');
    await atBen.click();
    const atAna = message.getByTestId('reaction');
    await atAna.filter({ hasText: '2' }).waitFor();
    expect(await atAna.getAttribute('aria-label')).to.equal('You and Ben Okoro: celebrate');
    await atAna.click();
    await atBen.filter({ hasText: '1' }).waitFor();
    await said(ben, 'The launch is at nine.').getByRole('button', { name: 'You: celebrate' }).click();
    await atAna.waitFor({ state: 'detached' });
  });

  it('react by keyboard: + on the focused message', async () => {
    await said(ben, 'Read this.').focus();
    await ben.keyboard.press('+');
    await ben.keyboard.press('Tab');
    await ben.keyboard.press('Enter'); // the second: heart
    await said(ana, 'Read this.').getByRole('button', { name: 'Ben Okoro: heart' }).waitFor();
  });

  it('answer in a thread: a count below the message, the answers at the side, Escape closes', async () => {
    await said(ana, 'The launch is at nine.').focus();
    await ana.keyboard.press('t');
    await ana.getByTestId('thread-composer').fill('Nine in the morning?');
    await ana.getByTestId('thread-composer').press('Enter');
    const summary = ben.getByTestId('thread-summary');
    await summary.getByText('1 answer').waitFor();
    expect(
      await ben.getByTestId('timeline').getByText('Nine in the morning?').count(),
      'not in the room',
    ).to.equal(0);
    await summary.click();
    const thread = ben.getByTestId('thread');
    await thread.getByText('Nine in the morning?').waitFor();
    await ben.getByTestId('thread-composer').fill('In the evening.');
    await ben.getByTestId('thread-composer').press('Enter');
    await ana.getByTestId('thread').getByText('In the evening.').waitFor();
    await ana.getByTestId('thread-summary').getByText('2 answers').waitFor();
    await ben.keyboard.press('Escape');
    await thread.waitFor({ state: 'detached' });
    await ana.getByRole('button', { name: 'Close the thread' }).click();
  });

  it('see whether the other is there, and the status the other chose', async () => {
    await ana.getByTestId('timeline').getByRole('button', { name: 'About Ben Okoro' }).first().click();
    const status = ana.getByTestId('status-words');
    await status.getByText('Active').waitFor();
    await ben.getByTestId('me').click();
    await ben.getByRole('button', { name: /^Do not disturb/ }).click();
    await status.getByText('Do not disturb').waitFor();
    await ben.getByRole('button', { name: 'Active' }).click();
    await status.getByText('Active').waitFor();
    await ben.keyboard.press('Escape');
    await ana.getByRole('dialog').getByRole('button', { name: 'Message', exact: true }).click();
    await ana.getByRole('heading', { name: 'Ben Okoro' }).waitFor();
    await room(ana, 'Launch').click();
  });

  it('answer a card, and both see the answer', async () => {
    await ana.getByRole('button', { name: 'Send a card' }).click();
    await ana.getByRole('button', { name: /^Poll/ }).click();
    const card = ben.getByTestId('card');
    await card.getByLabel('Canteen').check();
    await card.getByRole('button', { name: 'Vote' }).click();
    await card.getByText('Your answer was sent.').waitFor();
    const answer = ana.getByTestId('card').getByTestId('answer');
    await answer.waitFor();
    expect(await answer.innerText()).to.equal('Ben Okoro sent: Canteen');
  });

  it('show cards with unknown elements by their fallback, and run nothing in them', async () => {
    const { items } = (await (
      await fetch(`${scene.service}/v1/rooms`, {
        headers: { authorization: `Bearer ${scene.ana.accessToken}` },
      })
    ).json()) as { items: readonly { readonly id: string; readonly title: string }[] };
    const roomId = items.find(({ title }) => title === 'Launch')?.id;
    const content = {
      ...{ type: 'AdaptiveCard', version: '1.3' },
      body: [
        { type: 'Hologram', fallback: { type: 'TextBlock', text: 'Flat instead' } },
        {
          type: 'TextBlock',
          text: '<img src=x onerror="window.broken = 1"> [go](javascript:window.broken=1)',
        },
      ],
    };
    await scene.rest(scene.ana, 'messages', {
      ...{ roomId, text: 'odd card' },
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
    });
    const card = ben.getByTestId('card').filter({ hasText: 'Flat instead' });
    await card.waitFor();
    await card.getByText('<img src=x').waitFor();
    expect(await card.locator('img, a').count()).to.equal(0);
    expect(await ben.evaluate(() => 'broken' in window)).to.equal(false);
  });

  it('send files by dropping them, several at once, with progress', async () => {
    const { id } = (await scene.admin('faults', {
      ...{ kind: 'delay', delayMs: 700, times: 1, match: { path: '/files', method: 'PUT' } },
    })) as { id: string };
    const drop = await ana.evaluateHandle(() => {
      const files = new DataTransfer();
      files.items.add(new File(['plans '.repeat(50_000)], 'plans.txt', { type: 'text/plain' }));
      files.items.add(new File(['notes'], 'notes.txt', { type: 'text/plain' }));
      return files;
    });
    const zone = ana.getByTestId('drop-zone');
    await zone.dispatchEvent('dragenter', { dataTransfer: drop });
    await ana.getByTestId('drop-note').waitFor();
    await zone.dispatchEvent('drop', { dataTransfer: drop });
    await ana.getByTestId('drop-note').waitFor({ state: 'detached' });
    await composer(ana).press('Enter');
    await ana.getByTestId('pending').getByRole('progressbar', { name: 'plans.txt' }).waitFor();
    await ben.getByTestId('file').filter({ hasText: 'plans.txt' }).waitFor();
    await ben.getByTestId('file').filter({ hasText: 'notes.txt' }).waitFor();
    await ana.getByTestId('pending').first().waitFor({ state: 'detached' });
    await scene.removeFault(id).catch(() => undefined); // used up
  });

  it('see which file is too large, before it is read', async () => {
    await ana.getByTestId('file-chooser').evaluate((input: HTMLInputElement) => {
      const files = new DataTransfer();
      files.items.add(
        new File([new Blob(Array<Uint8Array<ArrayBuffer>>(101).fill(new Uint8Array(2 ** 20)))], 'film.mov'),
      );
      input.files = files.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await ana.getByText('film.mov is too large').waitFor();
    expect(await ana.getByLabel('Files to send').count()).to.equal(0);
  });

  it('see a picture large, and Escape closes it', async () => {
    const data = await ben.evaluate(() => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 80;
      return canvas.toDataURL('image/png').split(',')[1] ?? '';
    });
    const buffer = Buffer.from(data, 'base64');
    await ben.getByTestId('file-chooser').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer });
    await composer(ben).press('Enter');
    await ana.getByTestId('picture').click();
    await ana.getByTestId('lightbox').waitFor();
    await ana.keyboard.press('Escape');
    await ana.getByTestId('lightbox').waitFor({ state: 'detached' });
  });

  it('change their name, rename a room and leave it', async () => {
    await ben.getByTestId('me').click();
    await ben.getByTestId('own-name').fill('Benjamin Okoro');
    await ben.getByRole('button', { name: 'Save' }).click();
    await ben.getByTestId('about').getByText('Benjamin Okoro').waitFor();
    await ben.keyboard.press('Escape');
    expect(await ben.getByTestId('me').innerText()).to.include('Benjamin Okoro');
    await ana.getByTestId('people').click();
    await ana.getByTestId('room-name').fill('Lift-off');
    await ana.getByRole('button', { name: 'Rename' }).click();
    await room(ben, 'Lift-off').waitFor();
    await ana.keyboard.press('Escape');
    await ben.getByTestId('people').click();
    await ben.getByRole('button', { name: 'Leave this room' }).click();
    await ben.getByRole('button', { name: 'Really leave' }).click();
    await room(ben, 'Lift-off').waitFor({ state: 'detached' });
  });

  it('met no error meanwhile', () => {
    expect(complaints).to.deep.equal([]);
  });
});
