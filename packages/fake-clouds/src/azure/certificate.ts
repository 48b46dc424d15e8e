import { generate } from 'selfsigned';

/** A certificate of its own for 127.0.0.1; clients trust it as their only authority. PEM. */
export interface FakeCertificate {
  readonly key: string;
  readonly cert: string;
}

/** Made anew for every process, so that none is on disk and none expires in a drawer. */
export async function selfSignedCertificate(): Promise<FakeCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
}
