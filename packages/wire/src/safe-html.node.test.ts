import { expect } from 'chai';
import fc from 'fast-check';
import { offences, textIn } from '../test/html.js';
import { escapeHtml, safeHtml } from './safe-html.js';

/** Pieces that mean something to parsers, in any order. */
const pieces = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '--!>',
    '<!',
    '<?',
    '<![CDATA[',
    ']]>',
    '"',
    "'",
    '=',
    '&',
    ';',
    '#',
  ],
  ...[' ', '\n', '\t', '\f', '\r', '\0', '/', '`', 'a', 'x', 'é', '😀', '\ud800'],
  ...[
    'script',
    'style',
    'svg',
    'math',
    'img',
    'iframe',
    'template',
    'noscript',
    'title',
    'textarea',
    'plaintext',
  ],
  ...[
    'p',
    'li',
    'ul',
    'table',
    'tr',
    'td',
    'select',
    'option',
    'form',
    'body',
    'html',
    'annotation-xml',
    'mtext',
  ],
  ...[
    '<a href=',
    '<p>',
    '</p>',
    '<b>',
    '</b>',
    '<a>',
    '</a>',
    '<li>',
    '<br>',
    '<table>',
    '<td>',
    '<svg>',
    '<style>',
  ],
  ...[
    '</style>',
    '<script>',
    '</script>',
    '<math>',
    '<select>',
    '<spark-mention data-object-id="1">',
    '<frameset>',
  ],
  ...['onclick=', 'onerror=alert(1)', 'href=', 'src=', 'style=', 'class=', 'data-object-url=', 'title='],
  ...[
    'javascript:',
    'java\tscript:',
    'data:text/html,',
    'JaVaScRiPt:',
    'https://a.test/',
    'mailto:a@b',
    '//a.test',
  ],
  ...[
    '&#106;avascript&colon;',
    '&#x6A;',
    '&lt;',
    '&lt',
    '&amp;',
    '&Tab;',
    '&NewLine;',
    '&#0;',
    '&#xD800;',
    '&nbsp;',
  ],
];
const nasty = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

describe('safeHtml', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['plain > text "as" it is', 'plain > text "as" it is'],
    ['<b>a</b><script>alert(1)</script>c', '<b>a</b>c'],
    ['<SCRIPT src=//x>a</ScRiPt >c', 'c'],
    ['<script>never closed <b>', ''],
    ['<img src=x onerror=alert(1)>a', 'a'],
    ['<b onclick=x style="a">b</b>', '<b>b</b>'],
    ['<a href="javascript:alert(1)">a</a>', '<a>a</a>'],
    ['<a href=" java&#10;script&colon;alert(1)">a</a>', '<a>a</a>'],
    ['<a href="data:text/html,x">a</a>', '<a>a</a>'],
    ['<a href="//a.test">a</a>', '<a>a</a>'],
    [
      '<a href="https&colon;//a.test/?a=1&b=2&amp;c">a</a>',
      '<a href="https://a.test/?a=1&amp;b=2&amp;c">a</a>',
    ],
    ["<a href='mailto:a@b' title='\"><b>'>a</a>", '<a href="mailto:a@b" title="&quot;&gt;&lt;b&gt;">a</a>'],
    ['<a href="https://a"><a href="https://b">x</a></a>', '<a href="https://a">x</a>'],
    ['<b><i>x</b>y</i>', '<b><i>x</i></b>y'],
    ['<p>a<p>b<ul><li>c<li>d</ul>', '<p>a</p><p>b<ul><li>c</li><li>d</li></ul></p>'],
    ['</b>a<br><br/></br>', 'a<br/><br/>'],
    ['1 < 2 && 3 <4', '1 &lt; 2 &amp;&amp; 3 &lt;4'],
    ['&lt;b&gt; &nbsp;&#39; &ltscript', '&lt;b&gt; &nbsp;&#39; &amp;ltscript'],
    ['a<!-- <b> -->b<!-->c<!x>d<?y>e', 'abcde'],
    ['a<!-- b', 'a'],
    ['<a href="https://a.test>x', '&lt;a href="https://a.test>x'],
    ['<svg><a xlink:href="javascript:x">x</a></svg>', '<a>x</a>'],
    [
      '<code class="language-ts">x</code><code class="evil">y</code>',
      '<code class="language-ts">x</code><code>y</code>',
    ],
    [
      '<webex-mention data-object-type="person" data-object-id="1" data-object-url="javascript:x">A</webex-mention>',
      '<webex-mention data-object-type="person" data-object-id="1">A</webex-mention>',
    ],
  ];
  for (const [html, expected] of rows)
    it(`makes ${JSON.stringify(html)} harmless`, () => {
      expect(safeHtml(html)).to.equal(expected);
      expect(offences(expected)).to.eql([]);
    });

  it('is judged by a judge who sees', () => {
    expect(offences('<img onerror=x><p onclick=y><a href="java&Tab;script:z"><!--x-->')).to.eql([
      '<img>',
      'img onerror',
      'p onclick',
      'href=java\tscript:z',
      '#comment',
    ]);
  });

  it('lets nothing through that a browser would see as anything but structure, links and mentions', () => {
    fc.assert(
      fc.property(nasty, (html) => {
        expect(offences(safeHtml(html))).to.eql([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('leaves alone what it has made', () => {
    fc.assert(
      fc.property(nasty, (html) => {
        const safe = safeHtml(html);
        expect(safeHtml(safe)).to.equal(safe);
      }),
      { numRuns: 3_000 },
    );
  });

  it('stays safe where it is put behind or into other HTML', () => {
    fc.assert(
      fc.property(nasty, (html) => {
        expect(offences(`<div>${safeHtml(html)}</div><p>${safeHtml(html)}</p>`)).to.eql([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps plain text as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !/[\0\r]/.test(text)),
        (text) => {
          expect(textIn(safeHtml(escapeHtml(text)))).to.equal(text);
        },
      ),
    );
  });

  it('takes no longer than its input is long, whatever it is made of', () => {
    const length = 200_000;
    const nasties = [
      ...[
        '<',
        '<a',
        '<a ',
        '<a href="',
        "<a b='",
        '<!--',
        '<!',
        '</',
        '</b',
        '<b>',
        '<a>',
        '<p>',
        '<li>',
        '&',
        '&#',
        '&amp',
      ],
      ...[
        '<script>',
        '<title></titl',
        '<b></i>',
        '<table><tr>',
        '<a/',
        '<a =',
        '<a b=c ',
        '<b <',
        '</b>',
        '<!-->',
        '&lt',
      ],
    ];
    for (const piece of nasties) {
      const html = piece.repeat(Math.ceil(length / piece.length));
      const began = process.cpuUsage().user;
      safeHtml(html);
      const ms = (process.cpuUsage().user - began) / 1000;
      // some milliseconds; quadratic would be many seconds
      expect(ms, piece).to.be.below(1_000);
    }
  });
});
