/**
 * Finds what looks like somebody's secret in text: keys and tokens that have a form of their own, and our own variables with a value.
 * A secret without a form (a password in a sentence) it cannot see.
 */
import { type Finding, lineAt } from './finding.ts';

const FORMS: readonly [what: string, form: RegExp][] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{20}/g],
  ['a signed token (JWT)', /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{15,}/g],
  ['a key of a cloud', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b/g],
  ['a token of a forge', /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}|\bglpat-[\w-]{20,}/g],
  ['a token of a registry', /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*[\w-]{20,}/g],
  ['a token or webhook of Slack', /\bxox[abprs]-[\w-]{20,}|hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16,}/g],
  ['a token of a Telegram bot', /\b\d{8,10}:AA[\w-]{33}\b/g],
  ['a key of a payment service', /\b[rs]k_live_\w{20,}/g],
  [
    'a secret of ours',
    /^[ \t]*(?:export )?(?:AUTH_SECRET|SLACK_SIGNING_KEY|\w*_API_SECRET|\w*_ACCESS_TOKEN|OIDC_CLIENT_SECRET)=['"]?[\w.+/=-]{12,}/gm,
  ],
];

/** Names of files that hold nothing but secrets: the predecessor's repository had the first two in it. */
const FILES =
  /(?:^|\/)(?:access_token\.txt|dhan_token\.json|\.env(?:\.local|\.production)?|id_(?:rsa|ed25519|ecdsa)|[^/]+\.(?:pem|p12|pfx|key))$/;

/** @returns what is found, none of it repeated in full */
export function secretsIn(file: string, text: string): Finding[] {
  return FORMS.flatMap(([what, form]) =>
    [...text.matchAll(form)].map(({ 0: found, index }) => ({
      file,
      line: lineAt(text, index),
      what: `${found.trim().slice(0, 8)}…`,
      why: `looks like ${what}`,
    })),
  );
}

/** Whether a file of this name may not be in a repository, whatever it holds. */
export const isSecretFile = (file: string): boolean => FILES.test(file);
