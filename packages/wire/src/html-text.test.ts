import { expect } from 'chai';
import { htmlToText } from './html-text.js';

describe('htmlToText (P8, F18)', () => {
  const rows: readonly (readonly [html: string, text: string])[] = [
    ['plain', 'plain'],
    ['', ''],
    ['<p>Shopping:</p><ul><li>milk</li><li>eggs</li></ul>', 'Shopping:\nmilk\neggs'],
    ['Shopping:<ul><li>milk</li></ul>after', 'Shopping:\nmilk\nafter'],
    ['<ol><li>a<ol><li>b</li></ol></li><li>c</li></ol>', 'a\nb\nc'],
    ['<p>a &lt;b&gt; &amp;amp; c</p>', 'a <b> &amp; c'],
    ['<p>a</p><p>c<br>d</p>', 'a\nc\nd'],
    ['a<br><br>b<br/><br /><br>c', 'a\n\nb\n\nc'],
    ['<h1>Title</h1>text<hr>more', 'Title\ntext\nmore'],
    ['<blockquote><p>said</p></blockquote><p>answer</p>', 'said\nanswer'],
    ['<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>', 'a\tb\n1\t2'],
    ['<table>\n<tr>\n<td>a</td>\n<td> b </td>\n<td></td>\n<td>c</td></tr></table>', 'a\tb\t\tc'],
    ['<dl><dt>a</dt><dd>b</dd></dl>', 'a\nb'],
    ['<div>a<div>b</div>c</div>d', 'a\nb\nc\nd'],
    ['  a \n\t b  <b> c</b> d ', 'a b c d'],
    ['a <b>b</b><i>c</i>', 'a bc'],
    ['<pre><code class="language-js">if (a) {\n  b();\n}\n</code></pre><p>x</p>', 'if (a) {\n  b();\n}\nx'],
    ['<pre>\n  first\n\n\n  last</pre>', '  first\n\n\n  last'],
    ['<pre>a\r\nb<br>c</pre>', 'a\nb\nc'],
    ['<style>p{color:red}</style>a<script>alert("<p>")</script>b', 'ab'],
    ['<head><title>t</title></head><body>a</body>', 'a'],
    ['a<!-- <p>hidden</p> -->b', 'ab'],
    ['caf&eacute; &#233; &#xE9; &#x1F600;', 'café é é 😀'],
    ['&euro;5 &hellip; &rarr; &ndash; &rsquo; &copy;&nbsp;x &apos; &check;', "€5 … → – ’ © x ' ✓"],
    // numbers of Windows-1252, and numbers of no character
    ['&#128; &#150; &#0; &#xD800; &#99999999;', '€ – \ufffd \ufffd \ufffd'],
    ['&unknown; &amp;lt; & &;', '&unknown; &lt; & &;'],
    ['1 < 2 <3 a<b', '1 < 2 <3 a<b'],
    ['<img src="https://a.test/x.png" alt="a &amp; b">', 'a & b'],
    ['<p title="a > b">c</p>', 'c'],
    ['<spark-mention data-object-type="person" data-object-id="1">Ben</spark-mention>, hi', 'Ben, hi'],
  ];
  for (const [html, text] of rows)
    it(`reads ${JSON.stringify(html)}`, () => {
      expect(htmlToText(html)).to.equal(text);
    });

  it('takes time in proportion to the length, whatever the HTML is made of', () => {
    const pieces = [
      ' ',
      '\n',
      ' \n',
      '<b>a',
      'a<b>',
      '<br>',
      '<br> ',
      '<p>',
      '<pre>',
      '<pre> \n',
      '&',
      '&#',
      '<',
      '<a ',
      '<td>',
    ];
    for (const piece of pieces) {
      const html = piece.repeat(400_000 / piece.length);
      const began = performance.now();
      htmlToText(html);
      // some 50 ms; quadratic would be minutes
      expect(performance.now() - began, JSON.stringify(piece)).to.be.below(3_000);
    }
  });
});
