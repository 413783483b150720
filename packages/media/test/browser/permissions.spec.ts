import { expect } from 'chai';
import { openStage, type Stage } from './kit.js';

describe('permissions, the picker and autoplay, in Chromium', function () {
  this.timeout(120_000);
  let stage: Stage;
  let run: NonNullable<Stage['chromium']>;
  before(async function () {
    stage = await openStage({
      without: ['--autoplay-policy', '--use-fake-ui'],
      flags: [
        '--auto-select-tab-capture-source-by-title=Shared tab',
        '--autoplay-policy=document-user-activation-required',
      ],
    });
    if (stage.chromium === undefined) this.skip();
    run = stage.chromium;
  });
  after(() => stage.close());
  const allowed = { permissions: ['camera', 'microphone'] };

  it('turns the camera off when its permission is revoked, and the microphone goes on (M-03)', async () => {
    const lost = await run<{
      readonly notified: readonly string[];
      readonly refused: string;
      readonly microphoneState: string;
      readonly soundLevel: number;
      readonly log: readonly string[];
    }>(
      'losesPermission',
      {},
      async (page, signalled) => {
        const cdp = await page.context().newCDPSession(page);
        const { browserContextId } = (await cdp.send('Target.getTargetInfo')).targetInfo;
        const set = (setting: 'denied' | 'granted') =>
          cdp.send('Browser.setPermission', {
            ...(browserContextId !== undefined && { browserContextId }),
            permission: { name: 'camera' },
            setting,
            origin: stage.site.url.slice(0, -1),
          });
        await signalled('ready to revoke');
        await set('denied');
        await signalled('ready to grant');
        await set('granted');
      },
      allowed,
    );
    expect(lost.notified).to.deep.equal(['denied none ERR_MEDIA_DENIED']);
    expect(lost.refused).to.equal('ERR_MEDIA_DENIED');
    expect(lost.microphoneState).to.equal('live');
    expect(lost.soundLevel).to.be.greaterThan(0);
    expect(lost.log, 'no new offer').to.have.length(2);
  });

  it('shares a tab, reports once that it ended from outside, and shares again (M-06, M-07)', async () => {
    const shared = await run<{
      readonly hasSound: boolean;
      readonly soundLevel: number;
      readonly heardAfter: number;
      readonly muted: boolean;
      readonly picture: { readonly sum: number };
      readonly sharing: string;
      readonly notified: readonly string[];
      readonly tracksAfter: readonly boolean[];
      readonly pickers: number;
      readonly options: object;
      readonly cameraFrames: number;
      readonly log: readonly string[];
    }>(
      'sharesATab',
      {},
      async (page, signalled) => {
        const openTab = async () => {
          const tab = await page.context().newPage();
          await tab.goto(`${stage.site.url}shared`);
          await tab.mouse.click(50, 50); // starts its tone
          await page.bringToFront();
          return tab;
        };
        const first = await openTab();
        await signalled('click');
        await page.mouse.click(50, 50);
        await signalled('ready to end');
        await first.close();
        await openTab();
        await signalled('click');
        await page.mouse.click(50, 50);
      },
      allowed,
    );
    expect(shared.hasSound).to.equal(true);
    expect(shared.muted, 'the microphone').to.equal(true);
    expect(shared.soundLevel, 'the sound of the tab').to.be.greaterThan(0.01);
    expect(shared.heardAfter, 'after the share').to.be.lessThan(0.001);
    expect(shared.picture.sum).to.be.greaterThan(0);
    expect(shared.sharing).to.equal('sendonly');
    expect(shared.notified).to.deep.equal(['browser']);
    expect(shared.tracksAfter).to.deep.equal([true, true]);
    expect(shared.pickers).to.equal(2);
    expect(shared.options).to.deep.equal({ video: true, audio: true, selfBrowserSurface: 'exclude' });
    expect(shared.cameraFrames).to.be.greaterThan(0);
  });

  it('reports once that sound waits for a click; one click starts all of it, later streams too (M-05)', async () => {
    const waited = await run<{
      readonly before: { readonly notified: readonly string[]; readonly blocked: boolean };
      readonly resumed: boolean;
      readonly notified: readonly string[];
      readonly plays: readonly boolean[];
    }>('waitsForAClick', {}, async (page, signalled) => {
      await signalled('click');
      await page.mouse.click(50, 50);
    });
    expect(waited.before.notified).to.deep.equal(['blocked']);
    expect(waited.before.blocked).to.equal(true);
    expect(waited.resumed).to.equal(true);
    expect(waited.notified).to.deep.equal(['blocked', 'resumed']);
    expect(waited.plays).to.deep.equal([true, true, true]);
  });
});
