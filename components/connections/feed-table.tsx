import clsx from 'clsx';
import type { FeedLine } from '../../lib/core/connections.ts';
import { adviceFor } from '../../lib/heatmap/gap-words.ts';
import { feedName, feedWords, istTime, lagWords, timeLeft } from './words.ts';

/** Of all other states something is wrong. */
const STATE_COLOURS: Partial<Record<FeedLine['state'], string>> = { live: 'text-up', market_closed: 'text-muted' };
const isTroubled = ({ state }: FeedLine): boolean => !Object.hasOwn(STATE_COLOURS, state);

const NUMBER = 'py-1 pr-4 text-right tabular-nums last:pr-0 max-sm:block max-sm:py-0 max-sm:text-left';

/** What the head of the table says where there is room for one. */
function NameOnPhone({ children }: { children: string }) {
  return <span className="text-muted sm:hidden">{children}: </span>;
}

/** The feeds of a broker: state, delay to the database, gaps. */
export function FeedTable({ feeds }: { feeds: readonly FeedLine[] }) {
  return (
    // On a phone each feed is a block of its own, and its numbers bring their names along.
    <section className="mt-4" aria-label="Feeds">
      <table className="w-full text-left max-sm:block">
        <thead className="text-muted max-sm:hidden">
          <tr>
            <th className="py-1 pr-4 font-normal">Feed</th>
            <th className="py-1 pr-4 font-normal">State</th>
            <th className="py-1 pr-4 text-right font-normal">Instruments</th>
            <th className="py-1 pr-4 text-right font-normal">Delay to disk</th>
            <th className="py-1 text-right font-normal">Gaps today</th>
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {feeds.map((feed) => (
            <tr key={feed.name} className="border-t border-line align-top max-sm:block max-sm:py-1.5">
              <td className="py-1 pr-4 max-sm:block max-sm:py-0 max-sm:font-medium">{feedName(feed.name)}</td>
              <td className={clsx('py-1 pr-4 max-sm:block max-sm:py-0', STATE_COLOURS[feed.state] ?? 'text-warn')}>
                {feedWords(feed)}
                {isTroubled(feed) && feed.detail ? <span className="block text-ink">{feed.detail}</span> : null}
                {isTroubled(feed) && feed.cause ? <span className="block">{adviceFor(feed.cause)}</span> : null}
              </td>
              <td className={NUMBER}>
                <NameOnPhone>Instruments</NameOnPhone>
                {feed.instruments}
              </td>
              <td className={NUMBER}>
                <NameOnPhone>Delay to disk</NameOnPhone>
                {lagWords(feed)}
              </td>
              <td className={NUMBER}>
                <NameOnPhone>Gaps today</NameOnPhone>
                {feed.gapsToday === 0 ? 'none' : `${feed.gapsToday}, ${timeLeft(feed.gapMsToday)}`}
                {feed.gapFromMs === null ? null : (
                  <span className="block text-warn">open since {istTime(feed.gapFromMs)}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
