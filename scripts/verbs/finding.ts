/** What `./gehra doctor` finds. */

/** `missing` keeps `./gehra up` from working, `trouble` is what runs not working as it should; `warn` is neither yet. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'missing' | 'trouble';
  readonly text: string;
}

export const ok = (text: string): Finding => ({ level: 'ok', text });
export const warn = (text: string): Finding => ({ level: 'warn', text });
export const missing = (text: string): Finding => ({ level: 'missing', text });
export const trouble = (text: string): Finding => ({ level: 'trouble', text });
