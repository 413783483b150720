import { expect } from 'chai';
import { endingOf, fetchedFile, mimeTypeOf, nameOfDisposition, safeName, typeOfName } from './file-name.js';

describe('Names of files', () => {
  it('have an ending and a type by it', () => {
    expect([endingOf('a.B.PNG'), endingOf('.profile'), endingOf('none')]).to.deep.equal(['.png', '', '']);
    expect(typeOfName('a.PDF')).to.equal('application/pdf');
    expect(typeOfName('a.unknown')).to.equal(undefined);
  });
  it('lose folders and what a terminal obeys', () => {
    expect(safeName('../../etc/passwd')).to.equal('passwd');
    expect(safeName('C:\\a\\b\u001b.txt')).to.equal('b.txt');
    for (const name of [undefined, '', '..', 'a/', ' ']) expect(safeName(name)).to.equal('file');
  });
  it('are read from a Content-Disposition, the exact one first', () => {
    expect(nameOfDisposition(`attachment; filename="a.txt"; filename*=UTF-8''%C3%A4.txt`)).to.equal('ä.txt');
    expect(nameOfDisposition(`attachment; filename="a.txt"; filename*=UTF-8''%ZZ`)).to.equal('a.txt');
    expect(nameOfDisposition('attachment; filename=a.txt')).to.equal('a.txt');
    expect(nameOfDisposition(null)).to.equal(undefined);
  });

  it('may hold quotes, semicolons and any script in a Content-Disposition (P16)', () => {
    const rows: readonly (readonly [string, string | undefined])[] = [
      ['attachment; filename="a;b.txt"; size=3', 'a;b.txt'],
      ['attachment; filename="say \\"hi\\".txt"', 'say "hi".txt'],
      ['attachment; filename="C:\\docs\\a.txt"', 'C:\\docs\\a.txt'],
      ['inline;filename = a b.txt ;x=1', 'a b.txt'],
      ['attachment; FILENAME*=utf-8\'en\'%e2%82%ac.txt; filename="e.txt"', '€.txt'],
      ["attachment; filename*=ISO-8859-1''%E4.txt", 'ä.txt'],
      ["attachment; filename*=unknown''x; filename=y", 'y'],
      // UTF-8 as bytes, as header values arrive
      ['attachment; filename="\u00c3\u00a4\u00e2\u0082\u00ac.txt"', 'ä€.txt'],
      ['attachment; filename="\u00e4.txt"', 'ä.txt'],
      ['attachment; filename=""', undefined],
      ['attachment; filename="open.txt', 'open.txt'],
      ['attachment', undefined],
    ];
    for (const [disposition, name] of rows)
      expect(nameOfDisposition(disposition), disposition).to.equal(name);
  });
  it('are cut at a code point, and keep their ending (P16)', () => {
    expect(safeName('x'.repeat(300))).to.equal('x'.repeat(255));
    expect(safeName(`${'x'.repeat(300)}.pdf`)).to.equal(`${'x'.repeat(251)}.pdf`);
    // the pair would be split at 255
    expect(safeName(`${'x'.repeat(254)}😀😀`)).to.equal('x'.repeat(254));
    expect(safeName(`${'😀'.repeat(200)}.txt`)).to.equal(`${'😀'.repeat(125)}.txt`);
    expect(safeName('a\ud83d.txt')).to.equal('a\ufffd.txt');
    expect(safeName('quote"s; and 你好 👋.txt')).to.equal('quote"s; and 你好 👋.txt');
  });
  it('and types follow from the response, else from the URL', () => {
    expect(fetchedFile('https://a.test/x/r%C3%A9sum%C3%A9.pdf?q=/b.txt', null, '')).to.deep.equal({
      name: 'résumé.pdf',
      mimeType: 'application/pdf',
    });
    expect(fetchedFile('https://a.test/100%', 'attachment', 'text/plain; charset=utf-8')).to.deep.equal({
      name: '100%',
      mimeType: 'text/plain',
    });
    expect(fetchedFile('https://a.test', null, null).name).to.equal('file');
    expect(mimeTypeOf('a.png', undefined)).to.equal('image/png');
    expect(mimeTypeOf('a', '')).to.equal('application/octet-stream');
  });
});
