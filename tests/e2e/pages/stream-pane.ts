/** Rows of panes that follow the live stream: ladder, tape, passive tape. */
import { answerSignedOut, neverAnswer, refuse } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { openPane, paneState } from '../support/panes.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';

export const PANE_FILE = 'app/pane/[kind]/[instrument]/page.tsx';

interface StreamPane {
  readonly kind: string;
  readonly empty: Cell;
  /** Checks what is shown of a market that is heard. */
  readsLive(visit: Visit): Promise<void>;
  /** What a pane says of a side of the book that is mute; null where that is no business of it. */
  readonly muteWords: string | null;
}

export function streamPaneRow({ kind, empty, readsLive, muteWords }: StreamPane): PageRow {
  const open = ({ page, instruments }: Visit) => openPane(page, kind, instruments.nifty);
  const openLive = async (visit: Visit): Promise<void> => {
    await open(visit);
    await expect(paneState(visit.page, 'Live')).toBeVisible();
  };
  const cover = ({ page }: Visit) => page.getByRole('region', { name: 'State' });
  let release = async (): Promise<void> => undefined;
  return {
    file: PANE_FILE,
    name: kind,
    states: {
      loading: {
        reach: async (visit) => {
          await neverAnswer(visit.page, 'stream');
          await open(visit);
        },
        reads: async (visit) => {
          await expect(paneState(visit.page, 'Connecting')).toBeVisible();
          await expect(cover(visit)).toContainText('Connecting');
        },
      },
      empty,
      live: { reach: openLive, reads: readsLive },
      stale: {
        reach: async (visit) => {
          await openLive(visit);
          await visit.market.muteSide(visit.instruments.nifty.slug, 'ask');
        },
        reads: async (visit) => {
          if (muteWords === null) await readsLive(visit);
          else {
            await expect(paneState(visit.page, muteWords)).toBeVisible();
            await expect(visit.page.getByText(/^Nothing has come on the ask side since/)).toBeVisible();
          }
        },
      },
      gap: {
        reach: async (visit) => {
          await openLive(visit);
          await visit.market.cutFeeds();
        },
        reads: async ({ page }) => {
          await expect(paneState(page, 'Feed cut')).toBeVisible();
          await expect(page.getByText(/Nothing is known since \d\d:\d\d:\d\d IST/)).toBeVisible();
        },
        recovers: async ({ page, market }) => {
          await market.restoreFeeds();
          await expect(paneState(page, 'Live')).toBeVisible({ timeout: 30_000 });
        },
      },
      error: {
        reach: async (visit) => {
          visit.trouble.allow(/^HTTP 422: .*\/api\/stream/, 'the stream is refused');
          release = await refuse(visit.page, 'stream', 'The stream is refused for the test.');
          await open(visit);
        },
        reads: async (visit) => {
          await expect(cover(visit)).toContainText('The stream is refused for the test.');
        },
        recovers: async (visit) => {
          await release();
          await cover(visit).getByRole('button', { name: 'Try again' }).click();
          await expect(paneState(visit.page, 'Live')).toBeVisible();
        },
      },
      'signed out': {
        reach: async (visit) => {
          visit.trouble.allow(/^HTTP 401: .*\/api\/stream/, 'the server knows nobody');
          await answerSignedOut(visit.page, 'stream');
          await open(visit);
        },
        reads: async (visit) => {
          await expect(cover(visit)).toContainText('Signed out');
          await expect(cover(visit).getByRole('link', { name: 'Sign in' })).toBeVisible();
        },
      },
    },
  };
}
