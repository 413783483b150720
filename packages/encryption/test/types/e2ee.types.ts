// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { conversation } from '@trunkline/conversation';
import { e2ee, encryption } from '../../src/index.js';
import type { EncryptionPeer, KmsKey } from '@trunkline/wire';

declare const createClient: CreateClient;
const client = createClient({ token: 't', plugins: [e2ee()] });
const peer: EncryptionPeer = client.encryption;
const key: Promise<KmsKey> = client.encryption.getKey('kms://host/keys/id');
const posted: Promise<{ readonly id: string; readonly decryptionFailed?: true }> = client.conversation.post(
  'c',
  {
    text: 'hello',
  },
);

const one = createClient({ token: 't', plugins: [encryption()] });
const maybe: string | Promise<string> = one.encryption.encryptText('kms://host/keys/id', 'x');
// @ts-expect-error only e2ee() brings both
one.conversation;

const other = createClient({ token: 't', plugins: [conversation()] });
// @ts-expect-error a message needs words
void other.conversation.post('c', { html: '<b>x</b>' });

// @ts-expect-error no such option
e2ee({ unknown: true });

export { key, maybe, peer, posted };
