/** What was found in the last minutes, in one notice, every so often while the market is open. */
import { countsForDigest, loadAlertSettings } from '../../../db/alerts.ts';
import type { Pool } from '../../../db/connect.ts';
import type { NewNotice } from '../../../db/notices.ts';
import type { MarketHours } from '../../../lib/calendar/hours.ts';
import { formatIstDate, istMidnightUs, istWithoutOffset } from '../../../lib/core/ist.ts';
import { isMinuteWithin } from '../../../lib/signals/rules.ts';
import type { Notifier } from '../notices/notifier.ts';

/** What is recorded. */
const TRADED = [{ exchange: 'NSE' }, { exchange: 'NFO' }] as const;
const US_PER_MINUTE = 60_000_000;
/** A digest that is later than this is not told. */
const LATEST_US = 2 * US_PER_MINUTE;
const KINDS_MAX = 6;

interface DigestParts {
  readonly db: Pool;
  readonly hours: MarketHours;
  readonly notifier: Pick<Notifier, 'tell'>;
  readonly nowMs: () => number;
}

/** Tells of the span of the day that has just ended, where the market was open in any minute of it and it is not quiet. */
export async function tellDigest({ db, hours, notifier, nowMs }: DigestParts): Promise<void> {
  const { digestMinutes, quietFrom, quietTo } = await loadAlertSettings(db);
  if (digestMinutes === 0) return;
  const nowUs = nowMs() * 1000;
  const span = digestSpan(nowUs, digestMinutes);
  if (nowUs - span.toUs > LATEST_US || isMinuteWithin(nowUs, quietFrom, quietTo)) return;
  const minutes = Array.from({ length: digestMinutes }, (_, i) => span.fromUs + i * US_PER_MINUTE);
  if (!minutes.some((us) => hours.isInSession(TRADED, us))) return;
  await notifier.tell(digestOf(span, await countsForDigest(db, span.fromUs, span.toUs)));
}

/** The last whole span before an instant; spans are counted from midnight in India. */
export function digestSpan(nowUs: number, minutes: number): { readonly fromUs: number; readonly toUs: number } {
  const midnightUs = istMidnightUs(formatIstDate(nowUs));
  const lengthUs = minutes * US_PER_MINUTE;
  const toUs = midnightUs + Math.floor((nowUs - midnightUs) / lengthUs) * lengthUs;
  return { fromUs: toUs - lengthUs, toUs };
}

export function digestOf(
  { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
  {
    signals,
    alerts,
  }: { readonly signals: readonly { readonly kind: string; readonly count: number }[]; readonly alerts: number },
): NewNotice {
  const minute = (us: number): string => istWithoutOffset(us / 1000).slice(11, 16);
  const total = signals.reduce((sum, { count }) => sum + count, 0);
  const kinds = signals.slice(0, KINDS_MAX).map(({ kind, count }) => `${count} ${kind.replaceAll('_', ' ')}`);
  const rest = signals.slice(KINDS_MAX).reduce((sum, { count }) => sum + count, 0);
  if (rest > 0) kinds.push(`${rest} others`);
  const alertWords = `${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`;
  return {
    event: `digest ${fromUs} ${toUs}`,
    level: 'ok',
    title: `Signals from ${minute(fromUs)} to ${minute(toUs)} IST`,
    detail: total === 0 ? `No signals, ${alertWords}` : `${total}: ${kinds.join(', ')}. ${alertWords}`,
    link: '/signals/rules',
  };
}
