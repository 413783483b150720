import { expect } from 'chai';
import { type RunningServer, startServer } from '../../index.js';
import {
  asFlag,
  asText,
  choiceType,
  defineBody,
  flagType,
  idType,
  objectType,
  textType,
} from './operation.js';

describe('defineBody', () => {
  const body = defineBody(
    {
      title: textType('a title'),
      isLocked: flagType('locked'),
      teamId: idType('a team'),
      type: choiceType(['submit', 'reset'], 'a type'),
      inputs: objectType('inputs'),
    },
    ['title'],
  );
  const refusal = (given: unknown): string => {
    try {
      body.read(given);
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('accepts what the schema describes, and leaves unknown fields as they are', () => {
    const given = { title: 7, isLocked: 'true', teamId: null, type: 'submit', inputs: { a: [1] }, more: 1 };
    const read = body.read(given);
    expect(read).to.equal(given);
    expect([asText(read.title), asFlag(read.isLocked), asText(null), asFlag(undefined)]).to.deep.equal([
      '7',
      true,
      undefined,
      undefined,
    ]);
  });

  it('names the first field that is missing or wrong', () => {
    expect(refusal({})).to.equal('title is required.');
    expect(refusal({ title: '' })).to.equal('title is required.');
    for (const odd of [undefined, null, 'x', ['title'], 7])
      expect(refusal(odd)).to.equal('title is required.');
    expect(refusal({ title: {} })).to.equal('title must be a text.');
    expect(refusal({ title: 'x', isLocked: 'yes' })).to.equal('isLocked must be true or false.');
    expect(refusal({ title: 'x', teamId: 7 })).to.equal('teamId is not valid.');
    expect(refusal({ title: 'x', type: 'delete' })).to.equal('type must be submit or reset.');
    expect(refusal({ title: 'x', inputs: [] })).to.equal('inputs must be an object.');
  });
});

describe('the OpenAPI document', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ port: 0, logLevel: 'silent' });
  });
  after(() => server.close());

  it('describes every public REST route, with the body of each that takes one', async () => {
    const response = await fetch(`${server.url}/openapi.json`);
    const document = (await response.json()) as {
      openapi: string;
      servers: readonly { url: string }[];
      paths: Record<string, Record<string, { summary?: string; requestBody?: object; security?: object }>>;
    };
    expect([response.status, document.openapi]).to.deep.equal([200, '3.1.0']);
    expect(document.servers).to.deep.equal([{ url: server.url }]);
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = server.routes
      .filter(({ method, url }) => url.startsWith('/v1/') && method !== 'HEAD' && method !== 'OPTIONS')
      .map(({ method, url }) => `${method} ${url}`);
    expect(listed).to.have.members(served);
    for (const [path, bodyOf] of [
      ['/v1/rooms', 'post'],
      ['/v1/rooms/{id}', 'put'],
      ['/v1/messages', 'post'],
      ['/v1/messages/{id}', 'put'],
      ['/v1/memberships', 'post'],
      ['/v1/memberships/{id}', 'put'],
      ['/v1/teams', 'post'],
      ['/v1/teams/{id}', 'put'],
      ['/v1/team/memberships', 'post'],
      ['/v1/team/memberships/{id}', 'put'],
      ['/v1/attachment/actions', 'post'],
      ['/v1/webhooks', 'post'],
      ['/v1/webhooks/{id}', 'put'],
    ] as const) {
      const described = document.paths[path]?.[bodyOf];
      expect(described?.summary, path).to.be.a('string');
      expect(described, path).to.have.property('requestBody');
    }
    expect(JSON.stringify(document)).to.not.contain('must be a text');
    expect(document.paths['/v1/ping']?.['get']?.security).to.equal(undefined);
  });

  it('is shown to people as a page without script', async () => {
    const response = await fetch(`${server.url}/openapi`);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).to.contain("default-src 'none'");
    expect(page).to.contain('POST /v1/rooms').and.to.contain('Creates a room').and.not.contain('<script');
  });
});
