import { expect } from 'chai';
import { endingOf, nameOfDisposition, safeName, typeOfName } from './file-name.js';

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
});
