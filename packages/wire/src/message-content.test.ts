import { expect } from 'chai';
import markdownIt from 'markdown-it';
import { createMarkdown, type WrittenMention } from './markdown.js';
import { messageContent, type GivenContent } from './message-content.js';

const asked: WrittenMention[] = [];
const content = (given: GivenContent) =>
  messageContent(given, {
    parse: () => createMarkdown(markdownIt),
    resolve: (mention) => {
      asked.push(mention);
      return Promise.resolve(mention.value.startsWith('p1') ? { id: 'u-1', name: 'Ben Lee' } : undefined);
    },
  });
const none = { people: [], all: false };

describe('messageContent', () => {
  beforeEach(() => asked.splice(0));

  it('takes empty texts and null as nothing (P6)', async () => {
    expect(await content({})).to.equal(undefined);
    expect(await content({ text: '', markdown: null, html: '' })).to.equal(undefined);
    expect(await content({ text: 'a', markdown: '', html: null })).to.deep.equal({ text: 'a', ...none });
    expect(await content({ text: '', markdown: '**a**' })).to.deep.equal({
      ...{ text: 'a', html: '<p><strong>a</strong></p>', markdown: '**a**' },
      ...none,
    });
  });

  it('keeps a text that was given, beside HTML or markdown', async () => {
    expect(await content({ text: 't', html: '<b>h</b>' })).to.deep.equal({
      text: 't',
      html: '<b>h</b>',
      ...none,
    });
    expect(await content({ text: 't', markdown: 'm', html: '<b>h</b>' })).to.deep.equal({
      ...{ text: 't', html: '<p>m</p>', markdown: 'm' },
      ...none,
    });
  });

  it('leaves nothing of HTML that shows nothing, and sends such markdown as it is written (P15)', async () => {
    for (const html of [
      '<script>x</script>',
      '<p> </p>',
      '<style>p{}</style>',
      '<!-- a -->',
      '<iframe src=x></iframe>',
    ])
      expect(await content({ html }), html).to.equal(undefined);
    expect(await content({ text: 'a', html: '<script>x</script>' })).to.deep.equal({ text: 'a', ...none });
    expect(await content({ markdown: '[a]: https://a.test' })).to.include({
      text: '[a]: https://a.test',
      html: '[a]: https://a.test',
    });
    expect(await content({ markdown: '---' })).to.include({ text: '---', html: '<hr/>' });
    expect(await content({ markdown: '![cat](https://a.test/x.png)' })).to.include({ text: 'cat' });
    expect(await content({ html: '<img alt="cat" src="x">' })).to.include({ text: 'cat', html: 'cat' });
    expect(await content({ markdown: ' \n ' })).to.equal(undefined);
  });

  it('asks once for each person, and for a name only without a label', async () => {
    const made = await content({ markdown: '<@personId:p1> <@personId:p1> <@personId:p1|B> <@all>' });
    expect(asked.map(({ label }) => label)).to.deep.equal([undefined, 'B']);
    expect(made).to.include({ text: 'Ben Lee Ben Lee B All', all: true });
    expect(made?.people).to.deep.equal(['u-1']);
  });

  it('finds mentions by elements of HTML, except in code and links', async () => {
    const element = (id: string, text: string) =>
      `<spark-mention data-object-type="person" data-object-id="${id}">${text}</spark-mention>`;
    const all = '<webex-mention data-object-type="groupMention" data-group-type="all">All</webex-mention>';
    const made = await content({
      html: `<p>${element('p1', 'Ben')} ${element('who', 'Who')}</p><code>${element('p1', 'x')}</code><a href="https://a.test">${all}</a>`,
    });
    expect(made?.html).to.equal(
      `<p>${element('u-1', 'Ben')} <spark-mention>Who</spark-mention></p><code>x</code><a href="https://a.test">All</a>`,
    );
    expect(made).to.deep.include({ people: ['u-1'], all: false });
    expect(await content({ html: `<b>${all}</b>` })).to.include({ all: true, html: `<b>${all}</b>` });
  });

  it('cuts a derived text at a code point when names make it too long', async () => {
    const made = await content({ html: `a${'😀'.repeat(3_000)}` });
    expect(new TextEncoder().encode(made?.text).length).to.equal(7_437);
    expect(made?.text.endsWith('😀')).to.equal(true);
  });
});
