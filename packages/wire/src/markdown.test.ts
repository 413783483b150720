import { expect } from 'chai';
import markdownIt from 'markdown-it';
import { createMarkdown, type ResolvedMention } from './markdown.js';

const parse = createMarkdown(markdownIt);
const html = (markdown: string, resolved: readonly ResolvedMention[] = []): string =>
  parse(markdown).render(resolved).html;

describe('createMarkdown (P7, P9, P15)', () => {
  const rows: readonly (readonly [markdown: string, html: string])[] = [
    ['**a** _c_ ~~d~~ `e*f*`', '<p><strong>a</strong> <em>c</em> <s>d</s> <code>e*f*</code></p>'],
    ['one\ntwo\n\nthree', '<p>one<br/>\ntwo</p>\n<p>three</p>'],
    ['snake_case_name 2*3*4', '<p>snake_case_name 2<em>3</em>4</p>'],
    [
      'https://wiki.example/Go_(game)',
      '<p><a href="https://wiki.example/Go_(game)">https://wiki.example/Go_(game)</a></p>',
    ],
    ['[x](https://wiki.example/Go_(game))', '<p><a href="https://wiki.example/Go_(game)">x</a></p>'],
    [
      'see https://a.test/x?a=1&b=2.',
      '<p>see <a href="https://a.test/x?a=1&amp;b=2">https://a.test/x?a=1&amp;b=2</a>.</p>',
    ],
    ['```js\n<b>\n```', '<pre><code class="language-js">&lt;b&gt;\n</code></pre>'],
    ['```c++\r\na\r\n```', '<pre><code class="language-c++">a\n</code></pre>'],
    ['~~~\n*a*\n~~~', '<pre><code>*a*\n</code></pre>'],
    ['    indented', '<pre><code>indented\n</code></pre>'],
    ['- a\n- *b*\n  1. c', '<ul>\n<li>a</li>\n<li><em>b</em>\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>'],
    ['3. a\n4. b', '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'],
    [
      '|a|b|\n|-|:-:|\n|1|2|',
      '<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>',
    ],
    ['# One\ntwo', '<h1>One</h1>\n<p>two</p>'],
    ['> a\n> > b', '<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>'],
    [
      '<img src=x onerror=a> <script>x</script>',
      '<p>&lt;img src=x onerror=a&gt; &lt;script&gt;x&lt;/script&gt;</p>',
    ],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
    // images are their description; without one, a link to them
    ['![a cat](https://a.test/cat.png)', '<p>a cat</p>'],
    ['![](https://a.test/cat.png)', '<p><a href="https://a.test/cat.png">https://a.test/cat.png</a></p>'],
    ['[![*a* cat](https://a.test/c.png)](https://b.test)', '<p><a href="https://b.test">a cat</a></p>'],
    [
      '[![](https://a.test/c.png)](https://b.test)',
      '<p><a href="https://b.test">https://a.test/c.png</a></p>',
    ],
  ];
  for (const [markdown, expected] of rows)
    it(`renders ${JSON.stringify(markdown)}`, () => {
      expect(html(markdown)).to.equal(expected);
    });

  const ben = '<spark-mention data-object-type="person" data-object-id="u-1">Ben</spark-mention>';
  const all = '<spark-mention data-object-type="groupMention" data-group-type="all">All</spark-mention>';

  it('finds mentions in text, also in emphasis, headings, lists and tables', () => {
    const markdown =
      '# <@personId:p1|Ben>\n\n**<@personEmail:b@x.test>** <@all>\n\n- <@all|Everyone>\n\n|a|\n|-|\n|<@personId:p1\\|B>|';
    const { mentions, render } = parse(markdown);
    expect(mentions).to.deep.equal([
      { kind: 'personId', value: 'p1', label: 'Ben' },
      { kind: 'personEmail', value: 'b@x.test', label: undefined },
      { kind: 'all', value: '', label: undefined },
      { kind: 'all', value: '', label: 'Everyone' },
      { kind: 'personId', value: 'p1', label: 'B' },
    ]);
    const person = { id: 'u-1', name: 'Ben' };
    const rendered = render([person, person, 'all', 'all', undefined]);
    expect(rendered.html).to.contain(`<h1>${ben}</h1>`).and.contain(`<strong>${ben}</strong> ${all}`);
    expect(rendered.html).to.contain('<td>B</td>');
    expect([rendered.people, rendered.all]).to.deep.equal([['u-1'], true]);
  });

  const untouched: readonly (readonly [markdown: string, html: string])[] = [
    ['`<@all>`', '<p><code>&lt;@all&gt;</code></p>'],
    ['``a ` <@personId:p1|Ben>``', '<p><code>a ` &lt;@personId:p1|Ben&gt;</code></p>'],
    ['```\n<@all>\n```', '<pre><code>&lt;@all&gt;\n</code></pre>'],
    ['    <@all>', '<pre><code>&lt;@all&gt;\n</code></pre>'],
    ['[<@all>](https://a.test)', '<p><a href="https://a.test">All</a></p>'],
    ['[<@personId:p1|Ben>](https://a.test)', '<p><a href="https://a.test">Ben</a></p>'],
    ['[a](https://a.test "<@all>")', '<p><a href="https://a.test" title="&lt;@all&gt;">a</a></p>'],
    ['![<@personId:p1|Ben>](https://a.test/x.png)', '<p>Ben</p>'],
    ['\\<@all>', '<p>&lt;@all&gt;</p>'],
    ['&lt;@all&gt;', '<p>&lt;@all&gt;</p>'],
    ['<@everyone> <@personId:> <@ all>', '<p>&lt;@everyone&gt; &lt;@personId:&gt; &lt;@ all&gt;</p>'],
  ];
  for (const [markdown, expected] of untouched)
    it(`mentions no one in ${JSON.stringify(markdown)}`, () => {
      const { mentions, render } = parse(markdown);
      expect(mentions).to.deep.equal([]);
      expect(render([]).html).to.equal(expected);
    });

  it('shows the label, or what was written, of a mention that means no one', () => {
    expect(
      html('<@personEmail:who@x.test|Who <i>> <@personEmail:who@x.test>', [undefined, undefined]),
    ).to.equal('<p>Who &lt;i&gt; who@x.test</p>');
  });

  it('escapes what is put into a mention', () => {
    const rendered = html('<@personId:p1|<b onclick=x>', [{ id: '"><script>' }]);
    expect(rendered).to.not.contain('<script>').and.not.contain('<b');
  });

  it('takes time in proportion to the length of the longest message', () => {
    for (const piece of [
      '<@all>',
      '<@',
      '[',
      '![',
      '**',
      '`',
      '<@personId:',
      '|a',
      '> ',
      '- ',
      'a@b.co ',
      '](',
      '&',
      '_a',
    ]) {
      const began = performance.now();
      html(piece.repeat(7_439 / piece.length));
      expect(performance.now() - began, piece).to.be.below(1_000);
    }
  });
});
