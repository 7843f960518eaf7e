/** Every page of the app: a row for each. */
import { brokenPage } from './broken.ts';
import { instrumentsPage } from './instruments.ts';
import { livePage } from './live.ts';
import { nowherePage } from './nowhere.ts';
import type { PageRow } from './page-table.ts';
import { unknownInstrumentPage } from './unknown-instrument.ts';
import { watchPage } from './watch.ts';

export const PAGES: readonly PageRow[] = [
  instrumentsPage,
  watchPage,
  livePage,
  unknownInstrumentPage,
  nowherePage,
  brokenPage,
];
