/** Every page of the app: a row for each. */
import { brokenPage } from './broken.ts';
import { connectionsPage } from './connections.ts';
import { instrumentsPage } from './instruments.ts';
import { livePage } from './live.ts';
import { nowherePage } from './nowhere.ts';
import type { PageRow } from './page-table.ts';
import { unknownInstrumentPage } from './unknown-instrument.ts';

export const PAGES: readonly PageRow[] = [
  instrumentsPage,
  livePage,
  connectionsPage,
  unknownInstrumentPage,
  nowherePage,
  brokenPage,
];
