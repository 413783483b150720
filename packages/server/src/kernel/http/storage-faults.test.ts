import { expect } from 'chai';
import pino from 'pino';
import { resolveConfig } from '../config.js';
import { createApp } from './app.js';

describe('a full disk', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE'])
    it(`(${code}) is 503 with Retry-After and the number 507, and says that nothing was stored`, async () => {
      const app = createApp(resolveConfig({}), pino({ level: 'silent' }));
      app.put('/file', () => {
        throw Object.assign(new Error('/secret/path: no space left'), { code });
      });
      const answer = await app.inject({ method: 'PUT', url: '/file' });
      expect(answer.statusCode).to.equal(503);
      expect(answer.headers['retry-after']).to.equal('10');
      expect(answer.json()).to.include({ errorCode: 507 });
      expect(answer.payload).to.include('nothing of it was stored').and.not.include('secret');
      await app.close();
    });
});
