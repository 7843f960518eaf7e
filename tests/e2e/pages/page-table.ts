/**
 * The form of the page table: every page of the app in every state, each with a way to get there and with what a person
 * then reads. A new page gets a row (pages.ts); a state that a page cannot be in says why.
 */
import type { Page } from '@playwright/test';
import type { Instruments } from '../support/instruments.ts';
import type { LivePage } from '../support/live-page.ts';
import type { Market } from '../support/market.ts';
import type { PageTrouble } from '../support/page-trouble.ts';
import type { Server } from '../support/server.ts';
import type { SignInServer } from '../support/sign-in-server.ts';

export const STATES = ['loading', 'empty', 'live', 'stale', 'gap', 'error', 'signed out'] as const;
export type State = (typeof STATES)[number];

/** What a cell works with. */
export interface Visit {
  readonly page: Page;
  readonly live: LivePage;
  readonly market: Market;
  readonly server: Server;
  /** Another one, that asks for a sign-in. */
  readonly signInServer: SignInServer;
  readonly instruments: Instruments;
  readonly trouble: PageTrouble;
}

export interface Cell {
  /** Opens the page in this state, by bringing the exchange and the server into it as far as that can be done. */
  reach(visit: Visit): Promise<void>;
  /** Checks what a person reads there, and on a page with a canvas what it shows. */
  reads(visit: Visit): Promise<void>;
  /** Takes the way out that the page offers. */
  recovers?(visit: Visit): Promise<void>;
}

/** A state that a page cannot be in, and why. */
export interface Absent {
  readonly absent: string;
}

export interface PageRow {
  /** The file that makes it a page, within the repository. */
  readonly file: string;
  /** Short, for titles and file names. */
  readonly name: string;
  readonly states: Readonly<Record<State, Cell | Absent>>;
}

export const isAbsent = (cell: Cell | Absent): cell is Absent => 'absent' in cell;
