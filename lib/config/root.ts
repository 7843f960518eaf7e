import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of the checkout, whether this runs from its sources or bundled into dist/. */
export const packageRoot: string = (() => {
  for (let dir = import.meta.dirname; dir !== path.dirname(dir); dir = path.dirname(dir)) {
    if (existsSync(path.join(dir, 'package-lock.json'))) return dir;
  }
  throw new Error(`no package-lock.json above ${import.meta.dirname}: this is no checkout of Gehra`);
})();
