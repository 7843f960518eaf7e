/** Every page of the app: a row for each. */
import { apiPage } from './api.ts';
import { backtestsPage } from './backtests.ts';
import { brokenPage } from './broken.ts';
import { connectionsPage } from './connections.ts';
import { coveragePage } from './coverage.ts';
import { dataKeptPage } from './data-kept.ts';
import { detectorPage, detectorsPage } from './detectors.ts';
import { exportsPage } from './exports.ts';
import { chartPanePage, footprintPanePage } from './flow-panes.ts';
import { healthPage } from './health.ts';
import { hoursPage } from './hours.ts';
import { instrumentsPage } from './instruments.ts';
import { keysPage } from './keys.ts';
import { livePage } from './live.ts';
import { loginPage } from './login.ts';
import { notificationsPage } from './notifications.ts';
import { nowherePage } from './nowhere.ts';
import type { PageRow } from './page-table.ts';
import { panePage } from './pane.ts';
import { ladderPane, optionsPane, overviewPane, passiveTapePane, signalsPane, tapePane } from './panes.ts';
import { peoplePage } from './people.ts';
import { rehearsalPage } from './rehearsal.ts';
import { rulesPage } from './rules.ts';
import { securityPage } from './security.ts';
import { setupPage } from './setup.ts';
import { signalsPage } from './signals.ts';
import { unknownInstrumentPage } from './unknown-instrument.ts';
import { usedLinkPage } from './used-link.ts';
import { watchPage } from './watch.ts';
import { workspacePage } from './workspace.ts';

export const PAGES: readonly PageRow[] = [
  instrumentsPage,
  rehearsalPage,
  healthPage,
  coveragePage,
  detectorsPage,
  detectorPage,
  backtestsPage,
  hoursPage,
  notificationsPage,
  dataKeptPage,
  watchPage,
  livePage,
  workspacePage,
  panePage,
  chartPanePage,
  footprintPanePage,
  ladderPane,
  tapePane,
  passiveTapePane,
  optionsPane,
  overviewPane,
  signalsPane,
  signalsPage,
  rulesPage,
  exportsPage,
  connectionsPage,
  loginPage,
  setupPage,
  usedLinkPage,
  peoplePage,
  keysPage,
  securityPage,
  apiPage,
  unknownInstrumentPage,
  nowherePage,
  brokenPage,
];
