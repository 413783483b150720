import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type DefaultTheme } from 'vitepress';

const docs = path.resolve(import.meta.dirname, '..');
const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link });

/** What typedoc wrote, when it has run: `npm run docs` does both. */
const reference = path.join(docs, 'reference');
const referencePages = existsSync(reference)
  ? readdirSync(reference)
      .filter((file) => file.endsWith('.md') && file !== 'index.md')
      .map((file) => page(`@trunkline/${file.slice(0, -3)}`, `/reference/${file.slice(0, -3)}`))
  : [];

/** Guides that the plugin generator wrote are listed without anybody adding them. */
const guides: Readonly<Record<string, readonly string[]>> = {
  Overview: ['capabilities'],
  Plugins: [
    ...['rooms', 'messages', 'memberships', 'people', 'teams', 'attachment-actions', 'webhooks'],
    ...['presence', 'devices', 'support', 'encryption', 'conversation'],
  ],
  'Signing in, moving over': ['auth', 'webex', 'moving-from-webex', 'webex-api'],
  'Make and run': ['bots', 'test-your-app', 'write-a-plugin', 'run-the-service'],
  'When it goes wrong': ['errors', 'faults'],
};
const titles: Readonly<Record<string, string>> = {
  capabilities: 'What an app can do',
  'attachment-actions': 'Attachment actions (cards)',
  devices: 'Room devices',
  conversation: 'Conversation (the engine)',
  auth: 'Signing in',
  webex: 'The webex umbrella',
  'moving-from-webex': 'Moving from webex',
  'webex-api': 'The webex API, member by member',
  'test-your-app': 'Test your app',
  'write-a-plugin': 'Write a plugin in an hour',
  'run-the-service': 'Run the service',
};
const titleOf = (name: string): string =>
  titles[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
const known = new Set(Object.values(guides).flat());
const others = readdirSync(path.join(docs, 'guides'))
  .map((file) => file.replace(/\.md$/, ''))
  .filter((name) => !known.has(name));
const guideGroups = Object.entries(guides).map(([text, names]) => ({
  text,
  items: [...names, ...(text === 'Plugins' ? others : [])].map((name) =>
    page(titleOf(name), `/guides/${name}`),
  ),
}));

const start = [
  page('What it is', '/'),
  page('Node', '/getting-started/node'),
  page('Browser, with a bundler', '/getting-started/bundler'),
  page('React', '/getting-started/react'),
  page('Script tag', '/getting-started/script-tag'),
  page('Worker', '/getting-started/worker'),
  page('Server rendering', '/getting-started/server-rendering'),
];
const concepts = [
  page('Client and plugins', '/concepts/client'),
  page('Requests', '/concepts/requests'),
  page('Events and the socket', '/concepts/events'),
  page('Credentials', '/concepts/credentials'),
  page('Encryption', '/concepts/encryption'),
  page('Ids', '/concepts/ids'),
  page('Paging', '/concepts/paging'),
  page('Logging and networks', '/concepts/diagnostics'),
  page('Architecture', '/architecture'),
  page('Decisions', '/decisions/'),
  page('Glossary', '/glossary'),
];
const protocol = [
  page('Overview', '/protocol/'),
  page('Identity and services', '/protocol/identity-and-services'),
  page('Devices and mercury', '/protocol/device-and-mercury'),
  page('Conversation', '/protocol/conversation'),
  page('REST', '/protocol/hydra-rest'),
  page('KMS and encryption', '/protocol/kms-and-encryption'),
  page('Presence, devices, support', '/protocol/presence-devices-support'),
];
/** Tables of five columns take the whole width. */
const wide = new Set(['guides/faults.md', 'guides/capabilities.md', 'guides/webex-api.md']);
const samples = [
  page('All of them', '/samples/'),
  page('A webhook receiver', '/samples/webhook-receiver/README'),
];

export default defineConfig({
  title: 'Trunkline',
  description: 'A communications SDK: a small core, and only the plugins an app needs',
  lang: 'en',
  outDir: path.join(docs, '.vitepress/dist'),
  cleanUrls: true,
  rewrites: {
    'decisions/README.md': 'decisions/index.md',
    'protocol/README.md': 'protocol/index.md',
    'samples/README.md': 'samples/index.md',
  },
  lastUpdated: false,
  vite: { build: { chunkSizeWarningLimit: 2_000 } }, // a page of the reference is one chunk
  head: [['link', { rel: 'icon', href: '/logo.svg', type: 'image/svg+xml' }]],
  transformPageData: ({ relativePath, frontmatter }) => {
    if (wide.has(relativePath)) Object.assign(frontmatter, { aside: false, pageClass: 'wide' });
  },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      { text: 'Start', link: '/getting-started/node' },
      { text: 'Concepts', link: '/concepts/client' },
      { text: 'Guides', link: '/guides/capabilities' },
      { text: 'Errors', link: '/guides/errors' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: {
      '/reference/': [{ text: 'Reference', link: '/reference/', items: referencePages }],
      '/': [
        { text: 'Getting started', items: start },
        { text: 'Concepts', items: concepts },
        ...guideGroups,
        { text: 'Samples', items: samples },
        { text: 'Protocol', items: protocol, collapsed: true },
      ],
    },
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
  },
});
