/** Every page of the app: a row for each. */
import { brokenPage } from './broken.ts';
import { instrumentsPage } from './instruments.ts';
import { keysPage } from './keys.ts';
import { livePage } from './live.ts';
import { loginPage } from './login.ts';
import { nowherePage } from './nowhere.ts';
import type { PageRow } from './page-table.ts';
import { peoplePage } from './people.ts';
import { securityPage } from './security.ts';
import { setupPage } from './setup.ts';
import { unknownInstrumentPage } from './unknown-instrument.ts';

export const PAGES: readonly PageRow[] = [
  instrumentsPage,
  livePage,
  loginPage,
  setupPage,
  peoplePage,
  keysPage,
  securityPage,
  unknownInstrumentPage,
  nowherePage,
  brokenPage,
];
