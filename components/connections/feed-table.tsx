import clsx from 'clsx';
import type { FeedLine } from '../../lib/core/connections.ts';
import { adviceFor } from '../../lib/heatmap/gap-words.ts';
import { FEED_WORDS, feedName, istTime, timeLeft } from './words.ts';

/** The feeds of a broker: state, delay to the database, gaps. */
export function FeedTable({ feeds }: { feeds: readonly FeedLine[] }) {
  if (feeds.length === 0) {
    return <p className="mt-4 text-muted">No feed of this broker is running.</p>;
  }
  return (
    // Wider than a phone: it scrolls by itself, and takes the focus so that keys can do it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className="mt-4 overflow-x-auto" tabIndex={0} aria-label="Feeds">
      <table className="w-full min-w-[34rem] text-left">
        <thead className="text-muted">
          <tr>
            <th className="py-1 pr-4 font-normal">Feed</th>
            <th className="py-1 pr-4 font-normal">State</th>
            <th className="py-1 pr-4 text-right font-normal">Instruments</th>
            <th className="py-1 pr-4 text-right font-normal">Delay to disk</th>
            <th className="py-1 text-right font-normal">Gaps today</th>
          </tr>
        </thead>
        <tbody>
          {feeds.map((feed) => (
            <tr key={feed.name} className="border-t border-line align-top">
              <td className="py-1 pr-4">{feedName(feed.name)}</td>
              <td className={clsx('py-1 pr-4', feed.state === 'live' ? 'text-up' : 'text-warn')}>
                {FEED_WORDS[feed.state]} since {istTime(feed.sinceMs)}
                {feed.detail && feed.state !== 'live' ? <span className="block text-ink">{feed.detail}</span> : null}
                {feed.cause && feed.state !== 'live' ? <span className="block">{adviceFor(feed.cause)}</span> : null}
              </td>
              <td className="py-1 pr-4 text-right font-mono">{feed.instruments}</td>
              <td className="py-1 pr-4 text-right font-mono">
                {feed.lagMs === null ? '–' : `${Math.max(0, Math.round(feed.lagMs))} ms`}
              </td>
              <td className="py-1 text-right font-mono">
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
