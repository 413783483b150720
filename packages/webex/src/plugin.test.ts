import { expect } from 'chai';
import sinon from 'sinon';
import { failure, fakeCloud, ready, service } from '../test/kit.js';
import {
  Interceptor,
  registerInternalPlugin,
  registerPlugin,
  WebexPlugin,
  type OfficialRequest,
  type OfficialResponse,
  type Webex,
} from './index.js';

// What follows is written as for the official core, and was run on it too.
interface Polls extends WebexPlugin {
  open: number;
  title: string;
  busy: boolean;
  readonly label: string;
  readonly summary: string;
  readonly tally: WebexPlugin & { votes: number };
  readonly log: unknown[];
  list(): Promise<unknown>;
}
const Tally = WebexPlugin.extend({ namespace: 'Polls', props: { votes: ['number', true, 0] } });
const PollsPlugin = WebexPlugin.extend({
  namespace: 'Polls',
  children: { tally: Tally },
  props: { title: 'string', open: { type: 'number', default: 0 } },
  session: { busy: { type: 'boolean', default: false } },
  derived: {
    label: {
      deps: ['title', 'open'],
      fn(this: Polls) {
        return `${this.title} (${String(this.open)})`;
      },
    },
    summary: {
      deps: ['label', 'tally.votes'],
      fn(this: Polls) {
        return `${this.label}: ${String(this.tally.votes)}`;
      },
    },
  },
  initialize(this: Polls, ...args: unknown[]) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- as it is written there
    Reflect.apply(WebexPlugin.prototype.initialize, this, args);
    Object.assign(this, { log: [] });
    this.listenTo(this.webex, 'change:canAuthorize', () =>
      this.log.push(['canAuthorize', this.webex.canAuthorize]),
    );
    this.on('change:open', (_model: unknown, value: number) => this.log.push(['open', value]));
  },
  list(this: Polls) {
    this.busy = true;
    return this.request({ service: 'hydra', resource: 'polls', qs: { max: this.config['pageSize'] } })
      .then(({ body }: OfficialResponse) => {
        const { items } = body as { items: unknown[] };
        this.open = items.length;
        this.trigger('listed', items);
        return items;
      })
      .finally(() => {
        this.busy = false;
      });
  },
});
class Stamp extends Interceptor {
  seen: string[] = [];
  static override create(this: Webex): Stamp {
    return new Stamp({ webex: this });
  }
  onRequest(options: OfficialRequest) {
    options.headers = { ...options.headers, 'x-stamp': this.webex.sessionId };
    return Promise.resolve(options);
  }
  onResponse(options: OfficialRequest, response: OfficialResponse) {
    return { ...response, headers: { ...response.headers, 'x-after': options.resource ?? '' } };
  }
  onResponseError(options: OfficialRequest, reason: Error) {
    if (options.resource === 'gone') return { statusCode: 200, headers: {}, body: 'rescued', options };
    return Promise.reject(reason);
  }
}
const Nested = WebexPlugin.extend({
  namespace: 'Nested',
  whoIsMyParent(this: WebexPlugin) {
    return [this.parent === this.webex.internal, this.parent?.parent === this.webex];
  },
});
const beforeLogout = sinon.spy();
registerPlugin('polls', PollsPlugin, {
  config: { polls: { pageSize: 3, deep: { a: 1, b: 2 } } },
  interceptors: { Stamp },
  onBeforeLogout: beforeLogout,
});
registerInternalPlugin('nested', Nested);

describe('a plugin written for the official core', () => {
  let cloud: ReturnType<typeof fakeCloud>;
  let webex: Webex & { polls: Polls; internal: { nested: { whoIsMyParent(): boolean[] } } };
  beforeEach(async () => {
    cloud = fakeCloud((what) => (what === 'GET /v1/polls' ? { body: { items: ['a', 'b'] } } : undefined));
    webex = cloud.init({ config: { polls: { deep: { a: 9 } } } }) as typeof webex;
    await ready(webex);
  });
  afterEach(() => cloud.end());

  it('stands on webex and on webex.internal, and finds its way up', () => {
    expect(webex.polls.parent).to.equal(webex);
    expect(webex.polls.webex).to.equal(webex);
    expect(webex.polls.tally.webex).to.equal(webex);
    expect(webex.internal.nested.whoIsMyParent()).to.deep.equal([true, true]);
  });
  it('has its configuration: its defaults under what init was given', () => {
    expect(webex.polls.config).to.deep.equal({ pageSize: 3, deep: { a: 9, b: 2 } });
    webex.setConfig({ polls: { pageSize: 5 } });
    expect(webex.polls.config['pageSize']).to.equal(5);
  });
  it('requests, changes, triggers', async () => {
    const [listed, open, label, busy, summary, bubbled] = [
      sinon.spy(),
      sinon.spy(),
      sinon.spy(),
      sinon.spy(),
      sinon.spy(),
      sinon.spy(),
    ] as const;
    const { polls } = webex;
    polls.title = 'Lunch';
    polls
      .on('listed', listed)
      .on('change:open', open)
      .on('change:label', label)
      .on('change:busy', busy)
      .on('change:summary', summary);
    webex.on('change:polls.open', bubbled);
    expect(await polls.list()).to.deep.equal(['a', 'b']);
    sinon.assert.calledOnceWithExactly(listed, ['a', 'b']);
    sinon.assert.calledOnceWithExactly(open, polls, 2);
    sinon.assert.calledOnceWithExactly(label, polls, 'Lunch (2)');
    sinon.assert.calledOnceWithExactly(bubbled, polls, 2);
    expect(busy.args.map(([, value]) => value as boolean)).to.deep.equal([true, false]);
    polls.tally.votes = 7;
    expect(polls.summary).to.equal('Lunch (2): 7');
    expect(summary.lastCall.args[1]).to.equal('Lunch (2): 7');
    expect(polls.serialize()).to.deep.equal({ title: 'Lunch', open: 2 });
    polls.set({ title: 'Tea', nothing: 1 });
    expect(polls.label).to.equal('Tea (2)');
    expect(polls.log).to.deep.equal([['open', 2]]);
    const asked = cloud.left.find(({ url }) => url.includes('polls'));
    expect(asked?.url).to.equal(`${service}/v1/polls?max=3`);
  });
  it('receives changes of the credentials', async () => {
    await webex.credentials.invalidate();
    expect(webex.polls.log).to.deep.equal([['canAuthorize', false]]);
  });
  it('intercepts requests, answers and refusals', async () => {
    const { headers } = await webex.request({ service: 'hydra', resource: 'polls' });
    expect(headers).to.include({ 'x-after': 'polls' });
    expect(cloud.left.find(({ url }) => url.includes('polls'))?.headers).to.include({
      'x-stamp': webex.sessionId,
    });
    expect((await webex.request({ service: 'hydra', resource: 'gone' })).body).to.equal('rescued');
    expect(await failure(webex.request({ service: 'hydra', resource: 'lost' }))).to.include({
      statusCode: 404,
    });
  });
  it('does not stop others when its listener throws', () => {
    const later = sinon.spy();
    webex.polls.on('change:open', () => {
      throw new Error('mine');
    });
    webex.polls.on('change:open', later);
    webex.polls.open = 9;
    sinon.assert.calledOnce(later);
  });
  it('is notified before logout', async () => {
    beforeLogout.resetHistory();
    await webex.logout({ noRedirect: true });
    sinon.assert.calledOnce(beforeLogout);
    expect(beforeLogout.thisValues[0]).to.equal(webex.polls);
  });
  it('is not taken twice, unless it says replace', () => {
    const Other = WebexPlugin.extend({ other: true });
    registerPlugin('polls', Other);
    expect(cloud.init()).to.have.property('polls').that.does.not.have.property('other');
  });
  it('extends what extends', () => {
    const Base = WebexPlugin.extend({
      session: { a: ['number', true, 1] },
      twice(this: { a: number }) {
        return this.a * 2;
      },
    });
    const More = (Base as unknown as typeof WebexPlugin).extend({ session: { b: 'string' } });
    const more = new More() as unknown as { a: number; b: string; twice(): number };
    more.a = 4;
    more.b = 'x';
    expect([more.twice(), more.b]).to.deep.equal([8, 'x']);
  });
});
