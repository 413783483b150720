import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { buildNack } from '../src/rtp/rtcp.js';
import { buildRtp } from '../src/rtp/packet.js';
import type { MediaServer, MediaTransport } from '../src/index.js';
import { createRawClient, type RawClient, type RawClientOptions } from './support/raw-client.js';
import { startRelay, type Relay } from './support/relay.js';
import { sleep, startServer, until } from './support/server.js';

interface Joined {
  readonly client: RawClient;
  readonly transport: MediaTransport;
}

// the same behaviour on both libraries
for (const library of ['node-datachannel', 'werift'] as const)
  describe(`media server on ${library}`, function () {
    this.timeout(30_000);
    let server: MediaServer;
    let clients: RawClient[];
    let relays: Relay[];
    beforeEach(async () => {
      clients = [];
      relays = [];
      server = await startServer({ transport: library });
    });
    afterEach(async () => {
      for (const client of clients) client.close();
      for (const relay of relays) relay.close();
      await server.close();
    });
    const enter = async (options: RawClientOptions = {}, relay?: Relay): Promise<Joined> => {
      if (relay) relays.push(relay);
      const client = await createRawClient(options);
      clients.push(client);
      const transport = await server.createTransport();
      const { answer } = await transport.accept(client.offer);
      client.apply(relay ? relay.front(answer) : answer);
      await client.open;
      await until('the transport to open', () => transport.state === 'open');
      return { client, transport };
    };
    /** Sends video until something comes through. */
    const flow = async (from: Joined, to: Joined, count = 20): Promise<void> => {
      const before = to.client.received.length;
      let sent = 0;
      await until('video', async () => {
        from.client.sendVideo(sent % 10 === 0);
        sent += 1;
        await sleep(5);
        return to.client.received.length - before >= count;
      });
    };

    it('announces an SSRC per section and sends exactly those', async () => {
      const ana = await enter();
      const ben = await enter();
      await ben.transport.slot('1')?.route(ana.transport.track('1'));
      await flow(ana, ben);
      const ssrcs = new Set(ben.client.received.map(({ header }) => header.ssrc));
      expect([...ssrcs]).to.deep.equal([ben.transport.slot('1')?.ssrc]);
    });

    it('starts a picture with its keyframe and asks for one at once', async () => {
      const ana = await enter();
      const ben = await enter();
      await ben.transport.slot('1')?.route(ana.transport.track('1'));
      for (let picture = 0; picture < 20; picture += 1) {
        ana.client.sendVideo(false);
        await sleep(5);
      }
      expect(ben.client.received).to.have.length(0);
      expect(ana.client.keyframesAsked).to.be.greaterThan(0);
      ana.client.sendVideo(true);
      ana.client.sendVideo(false);
      await until('two pictures', () => ben.client.received.length === 2);
      expect(ben.client.received[0]?.packet[ben.client.received[0].header.payloadStart + 5]).to.equal(0);
    });

    it('keeps one continuous stream when the source changes', async () => {
      const ana = await enter();
      const ben = await enter();
      const cara = await enter();
      await cara.transport.slot('1')?.route(ana.transport.track('1'));
      await flow(ana, cara);
      await cara.transport.slot('1')?.route(ben.transport.track('1'));
      await flow(ben, cara);
      const headers = cara.client.received.map(({ header }) => header);
      expect(new Set(headers.map(({ ssrc }) => ssrc)).size).to.equal(1);
      headers.slice(1).forEach(({ sequence, timestamp }, index) => {
        const before = headers[index];
        expect((sequence - (before?.sequence ?? 0)) & 0xffff).to.equal(1);
        expect((timestamp - (before?.timestamp ?? 0)) | 0).to.be.greaterThan(0);
      });
    });

    it('asks for lost packets again, and answers for those that a receiver lost', async () => {
      const relay = await startRelay();
      const ana = await enter({}, relay);
      const ben = await enter();
      await ben.transport.slot('1')?.route(ana.transport.track('1'));
      await flow(ana, ben);
      relay.up.lossShare = 1;
      ana.client.sendVideo(false);
      await sleep(20);
      relay.up.lossShare = 0;
      ana.client.sendVideo(false);
      await until('a NACK', () =>
        ana.client.feedback.some(({ type, format }) => type === 205 && format === 1),
      );
      const last = ben.client.received.at(-1)?.header;
      // the one before it never came
      const sequence = ((last?.sequence ?? 0) - 2) & 0xffff;
      const count = ben.client.received.length;
      ben.client.sendRaw(buildNack(1, last?.ssrc ?? 0, [sequence]));
      await until('the packet again', () => ben.client.received.length > count);
      const again = ben.client.received.at(-1);
      expect(again?.header.ssrc).to.equal(ben.transport.slot('1')?.rtxSsrc);
      expect(again?.header.payloadType).to.equal(97);
      expect(again?.packet.readUInt16BE(again.header.payloadStart)).to.equal(sequence);
    });

    it('follows a client whose address changes', async () => {
      const relay = await startRelay();
      const ana = await enter({}, relay);
      const ben = await enter();
      await ben.transport.slot('1')?.route(ana.transport.track('1'));
      await flow(ana, ben);
      relay.rebind();
      await flow(ana, ben);
      await until('the change to be counted', async () => (await server.stats()).addressChanges > 0);
    });

    it('keeps SSRCs when a client comes back with a new connection', async () => {
      const ana = await enter();
      const ben = await enter();
      const ssrc = ben.transport.slot('1')?.ssrc;
      await ben.transport.slot('1')?.route(ana.transport.track('1'));
      await flow(ana, ben);
      ben.client.close();
      const again = await createRawClient();
      clients.push(again);
      const { answer, restarted } = await ben.transport.accept(again.offer);
      expect(restarted).to.equal(true);
      again.apply(answer);
      await again.open;
      await flow(ana, { client: again, transport: ben.transport });
      expect(again.received.at(-1)?.header.ssrc).to.equal(ssrc);
    });

    it('routes before the media is negotiated', async () => {
      const ben = await enter();
      const later = await server.createTransport();
      await ben.transport.slot('1')?.route(later.track('1'));
      const client = await createRawClient();
      clients.push(client);
      client.apply((await later.accept(client.offer)).answer);
      await client.open;
      await flow({ client, transport: later }, ben);
    });

    it('reports a tone once, and sends tones in order', async () => {
      const ana = await enter();
      const ben = await enter();
      const digits: string[] = [];
      ben.transport.on('dtmf', ({ digit }) => digits.push(digit));
      await ben.transport.slot('0')?.route(ana.transport.track('0'));
      await ana.transport.slot('0')?.route(ben.transport.track('0'));
      await ana.transport.slot('0')?.sendDtmf('1');
      await ana.transport.slot('0')?.sendDtmf('2#');
      // what ana's client receives is sent back, as if ben's client had pressed the keys
      let passed = 0;
      await until('three tones', () => {
        for (const { packet, header } of ana.client.received.slice(passed)) {
          passed += 1;
          if (header.payloadType !== 110) continue;
          const { marker, sequence, timestamp } = header;
          ben.client.sendRaw(
            buildRtp(
              { marker, payloadType: 110, sequence, timestamp, ssrc: ben.client.audioSsrc },
              packet.subarray(header.payloadStart, header.payloadEnd),
            ),
          );
        }
        return digits.length >= 3;
      });
      await sleep(300);
      expect(digits.join('')).to.equal('12#');
    });

    it('refuses digits that do not exist before it sends any', async () => {
      const ana = await enter();
      const error: unknown = await ana.transport
        .slot('0')
        ?.sendDtmf('12x')
        .catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'ERR_MEDIA_ARGUMENT' });
      await sleep(200);
      expect(ana.client.received).to.have.length(0);
    });

    it('survives garbage of every kind', async () => {
      const ana = await enter();
      const ben = await enter();
      await ben.transport.slot('1')?.route(ana.transport.track('1'));
      for (let round = 0; round < 500; round += 1) {
        const junk = randomBytes(Math.floor(Math.random() * 200) + 1);
        // some of it looks like RTP or RTCP; a known SSRC with a random number would break the sender's own SRTP
        if (round % 2 === 0 && junk.length > 12) {
          junk[0] = 0x80 | ((junk[0] ?? 0) & 0x3f);
          if (round % 4 === 0) junk[1] = [200, 201, 205, 206, 111, 96, 97, 110][(round / 4) % 8] ?? 200;
          junk.writeUInt32BE(5, 8);
        }
        if (round % 5 === 0) ana.client.sendVideo(false, 0, junk);
        ana.client.sendRaw(junk);
        if (round % 50 === 0) await sleep(1);
      }
      await sleep(100);
      await flow(ana, ben);
    });

    it('says where a connection failed', async () => {
      await server.close();
      server = await startServer({ transport: library, connectTimeoutMs: 300 });
      const client = await createRawClient();
      clients.push(client);
      const transport = await server.createTransport();
      const states: string[] = [];
      transport.on('state', ({ to, phase }) => states.push(phase === undefined ? to : `${to} in ${phase}`));
      await transport.accept(client.offer);
      // the answer never reaches the client
      await until('the failure', () => transport.state === 'failed');
      expect(states).to.deep.equal(['connecting', 'failed in ice']);
    });

    it('says once that a way is broken, and that it is back', async () => {
      const relay = await startRelay();
      const ana = await enter({}, relay);
      const states: string[] = [];
      ana.transport.on('state', ({ to }) => states.push(to));
      relay.up.cut = relay.down.cut = true;
      await until('the break', () => ana.transport.state === 'disconnected', 12_000);
      relay.up.cut = relay.down.cut = false;
      await until('the return', () => ana.transport.state === 'open', 12_000);
      expect(states).to.deep.equal(['disconnected', 'open']);
    });

    it('leaves nothing open after 30 clients', async () => {
      const one = await enter();
      await one.transport.close();
      one.client.close();
      await sleep(300);
      const before = await server.stats();
      for (let round = 0; round < 30; round += 1) {
        const { client, transport } = await enter();
        const other = await server.createTransport();
        await transport.slot('1')?.route(other.track('1'));
        client.close();
        await Promise.all([transport.close(), other.close()]);
      }
      const after = await until('handles to be released', async () => {
        const stats = await server.stats();
        return stats.handles <= before.handles && stats;
      });
      expect(after).to.include({ tracks: before.tracks });
      expect(after.transports).to.have.length(0);
    });
  });
