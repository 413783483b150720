import { expect } from 'chai';
import { createClient } from './create-client.web.js';
import { definePlugin } from './plugin.js';
import { registeredPlugins, registerPlugin } from './registry.js';

const polls = definePlugin({ name: 'polls', version: '1.0.0', setup: () => ({ open: true }) });

describe('registerPlugin', () => {
  afterEach(() => {
    delete registeredPlugins()['polls'];
  });

  it('gives the plugin to each client that is made without plugins, and to no other', async () => {
    registerPlugin(polls);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken).to.have.property('polls').that.deep.equals({ open: true });
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('polls');
    await Promise.all([taken.close(), explicit.close()]);
  });

  it('keeps the first that came and refuses another version', () => {
    registerPlugin(polls);
    registerPlugin(definePlugin({ name: 'polls', version: '1.0.0', setup: () => 'a second copy' }));
    expect(registeredPlugins()['polls']).to.equal(polls);
    const newer = definePlugin({ name: 'polls', version: '1.1.0', setup: () => ({ open: false }) });
    expect(() => {
      registerPlugin(newer);
    })
      .to.throw(/1\.0\.0.*1\.1\.0/)
      .with.property('code', 'ERR_PLUGIN_VERSION');
  });
});
