import { expect } from 'chai';
import fc from 'fast-check';
import { offences } from '../test/html.js';
import { mentionedIn, renderMarkdown, textOf } from './markdown.js';
import { safeHtml } from './safe-html.js';

const pieces = [
  ...[
    '**',
    '*',
    '_',
    '`',
    '```',
    '~~',
    '[',
    '](',
    ')',
    '>',
    '<',
    '- ',
    '1. ',
    '# ',
    '\n',
    '  ',
    ' ',
    '"',
    "'",
    '&',
    '\0',
  ],
  ...[
    'javascript:',
    'https://a.test',
    'mailto:a@b',
    'a',
    '<script>',
    '<@all|',
    '<@personId:p1|',
    'onclick=',
    '0',
    '=',
    '/',
  ],
];

const html = (markdown: string) =>
  renderMarkdown(markdown, (who) => (who === 'personId:p1' ? { uuid: 'u-1', name: 'Ann Lee' } : undefined))
    .html;

describe('renderMarkdown', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a **b** _c_ *d* `e*f*`', 'a <strong>b</strong> <em>c</em> <em>d</em> <code>e*f*</code>'],
    ['snake_case_name 2*3*4', 'snake_case_name 2*3*4'],
    ['one\ntwo', 'one<br/>two'],
    ['```js\n<b>\n```', '<pre><code>&lt;b&gt;\n</code></pre>'],
    ['`a ```x``` b`', '<code>a <pre><code>x</code></pre> b</code>'],
    [
      '[**x**](https://a.test/?a=1&b=__2__)',
      '<a href="https://a.test/?a=1&amp;b=__2__"><strong>x</strong></a>',
    ],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](https://a" onclick="b)', '[x](https://a&quot; onclick=&quot;b)'],
    [
      'see https://a.test/b_c_d?x=1&y=2.',
      'see <a href="https://a.test/b_c_d?x=1&amp;y=2">https://a.test/b_c_d?x=1&amp;y=2</a>.',
    ],
    ['"https://a.test"', '&quot;https://a.test&quot;'],
    ['(https://a.test)', '(<a href="https://a.test">https://a.test</a>)'],
    ['[https://a.test](https://b.test)', '<a href="https://b.test">https://a.test</a>'],
    ['# One\ntwo\n\nthree', '<h1>One</h1>two<br/><br/>three'],
    ['> a **b**\n> > c\nd', '<blockquote>a <strong>b</strong><blockquote>c</blockquote></blockquote>d'],
    [
      '- a\n- *b*\n  1. c\n  2. d\n- e',
      '<ul><li>a</li><li><em>b</em><ol><li>c</li><li>d</li></ol></li><li>e</li></ul>',
    ],
    ['3. a\n4. b', '<ol start="3"><li>a</li><li>b</li></ol>'],
    ['a\n\n---\nb', 'a<br/><hr/>b'],
    ['~~a~~', '<del>a</del>'],
    ['**a *b** c*', '<strong>a <em>b</em></strong> c'],
    ['<img src=x onerror=a>', '&lt;img src=x onerror=a&gt;'],
    ['\u00000\u0000', '0'],
    [
      '<@personId:p1|A<b>',
      '<spark-mention data-object-type="person" data-object-id="u-1">A&lt;b</spark-mention>',
    ],
    [
      '<@personId:p1>',
      '<spark-mention data-object-type="person" data-object-id="u-1">Ann Lee</spark-mention>',
    ],
    ['<@personId:nobody|Ann>', 'Ann'],
    ['<@all>', '<spark-mention data-object-type="groupMention" data-group-type="all">All</spark-mention>'],
  ];
  for (const [markdown, expected] of rows)
    it(`renders ${JSON.stringify(markdown)}`, () => {
      expect(html(markdown)).to.equal(expected);
    });
  it('renders nothing that could run, whatever is written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
        const rendered = html(parts.join(''));
        expect(offences(rendered)).to.eql([]);
        expect(safeHtml(rendered)).to.equal(rendered);
      }),
    );
  });
  it('knows whom a text mentions, and whose name it leaves out', () => {
    const text = '<@personId:p1|A> <@personId:p1> <@personId:p1|A> <@personEmail:b@x|B> <@all>';
    expect([...mentionedIn(text)]).to.deep.equal([
      ['personId:p1', { nameless: true }],
      ['personEmail:b@x', { nameless: false }],
    ]);
  });
  it('reads the text of HTML', () => {
    expect(textOf('<p>a &lt;b&gt;</p><p>c<br>d</p>')).to.equal('a <b>\nc\nd');
  });
});
