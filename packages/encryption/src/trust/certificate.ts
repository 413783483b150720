// Reads names and key out of an X.509 certificate. Only what the key service's certificate needs: DER, no verification.

interface Node {
  readonly tag: number;
  readonly bytes: Uint8Array;
}
const INTEGER = 0x02;
const OID = 0x06;
const commonName = '85.4.3'; // 2.5.4.3 with the first two arcs in one byte
const subjectAltName = '85.29.17';

const rsaEncryption = '42.134.72.134.247.13.1.1.1';

export interface Certificate {
  /** whom it is for: its subjectAltName entries, or its subject's common name when it has none; lower case */
  readonly names: readonly string[];
  /** its RSA key, as ASN.1 integers */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** Throws when the bytes are not certificate of an RSA key. */
export function readCertificate(der: Uint8Array): Certificate {
  const [certificate] = children(der);
  const [toBeSigned] = children(certificate?.bytes);
  const fields = children(toBeSigned?.bytes);
  // [0] version is optional: subject is the fifth field after it, the key the sixth
  const [subject, key] = fields.slice(fields[0]?.tag === 0xa0 ? 5 : 4);
  const extensions = fields.find(({ tag }) => tag === 0xa3);
  const names = extensions ? namesOf(extensions.bytes) : [];
  return {
    names: (names.length > 0 ? names : commonNamesOf(subject?.bytes)).map((name) => name.toLowerCase()),
    ...rsaKeyOf(key?.bytes),
  };
}

function rsaKeyOf(bytes: Uint8Array | undefined): Pick<Certificate, 'modulus' | 'exponent'> {
  const [algorithm, bits] = children(bytes);
  const [id] = children(algorithm?.bytes);
  // the first byte of a bit string counts the bits that are not used
  const [pair] = id && oid(id) === rsaEncryption ? children(bits?.bytes.subarray(1)) : [];
  const [modulus, exponent] = children(pair?.bytes);
  if (modulus?.tag !== INTEGER || exponent?.tag !== INTEGER) throw new TypeError('no RSA key');
  return { modulus: modulus.bytes, exponent: exponent.bytes };
}

function namesOf(bytes: Uint8Array): readonly string[] {
  const [list] = children(bytes);
  for (const extension of children(list?.bytes)) {
    const parts = children(extension.bytes);
    const [id] = parts;
    if (!id || oid(id) !== subjectAltName) continue;
    const [sequence] = children(parts.at(-1)?.bytes);
    // context tags: 1 e-mail, 2 DNS name, 6 URI
    return children(sequence?.bytes)
      .filter(({ tag }) => [0x81, 0x82, 0x86].includes(tag))
      .map(({ bytes: name }) => text(name));
  }
  return [];
}

const commonNamesOf = (bytes: Uint8Array | undefined): readonly string[] =>
  children(bytes)
    .flatMap((set) => children(set.bytes))
    .flatMap((pair) => {
      const [id, value] = children(pair.bytes);
      return id && value && oid(id) === commonName ? [text(value.bytes)] : [];
    });

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const oid = (node: Node): string => (node.tag === OID ? node.bytes.join('.') : '');

function children(bytes: Uint8Array | undefined): readonly Node[] {
  const found: Node[] = [];
  if (!bytes) return found;
  let at = 0;
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw new RangeError('DER ends too early');
    at += 1;
    return byte;
  };
  while (at < bytes.length) {
    const tag = next();
    let length = next();
    if (length > 0x84) throw new RangeError('DER length out of range');
    if (length >= 0x80) {
      let count = length - 0x80;
      for (length = 0; count > 0; count -= 1) length = length * 256 + next();
    }
    if (at + length > bytes.length) throw new RangeError('DER ends too early');
    found.push({ tag, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}
