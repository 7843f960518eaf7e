/** The server names what is wrong with a request by the request's own fields, as scripts want it; a form says it in words. */

/** What takes the place of `field: `, so that it makes a sentence with what follows. */
const WORDS: Readonly<Record<string, string>> = {
  access_token: 'what was pasted ',
  botToken: 'the bot token ',
  chatId: 'the chat ',
  code: 'the code: ',
  day: '',
  'day.date': 'the date ',
  'day.hours.end': 'the end ',
  'day.hours.start': 'the beginning ',
  'day.name': 'the name ',
  name: 'the name ',
  'rule.underlying': 'the underlying ',
  signingKey: 'the signing key ',
  webhookUrl: 'the webhook address ',
};

/** `webhookUrl: is no address.` → `The webhook address is no address.` Anything else stays as it is. */
export function withFieldWords(detail: string): string {
  const words = detail.replace(/(^|; )([\w.]+): /g, (whole, before: string, field: string) =>
    Object.hasOwn(WORDS, field) ? `${before}${WORDS[field]}` : whole,
  );
  return words === detail ? detail : words.charAt(0).toUpperCase() + words.slice(1);
}

/** `name: is empty; hours.to: is no time.` → what is wrong with each field, for a form that says it beside them. */
export function fieldFaults(detail: string): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  for (const part of detail.replace(/\.$/, '').split('; ')) {
    const [, field, words] = /^`?([a-zA-Z]\w*(?:\.\w+)*)`?: (.+)$/.exec(part) ?? [];
    if (field && words && !faults.has(field)) faults.set(field, `${words.charAt(0).toUpperCase()}${words.slice(1)}.`);
  }
  return faults;
}
