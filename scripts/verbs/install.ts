/** `./gehra install` and `./gehra uninstall`: Gehra as a service of systemd. Without --yes they only say what they would do. */
import { loadConfig } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { providedBinaries } from '../services/postgres-home.ts';
import { installSteps, mustHaveSystemd, oldTimers, type Step, uninstallSteps } from '../systemd/install.ts';
import { UserError } from '../user-error.ts';
import { build as makeBuild } from './build.ts';
import { systemd, unitsOf } from './systemd.ts';

export interface InstallOptions {
  readonly dataDir: string;
  readonly user: string;
  readonly root: string;
  readonly yes: boolean;
  readonly disableOld: boolean;
  /** Only write the units there. */
  readonly unitsOnly?: string;
  /** Default: the build, and what `./gehra up` links among the packages. */
  readonly build?: () => Promise<void>;
}

/** What the first start would write into the checkout: the service may not. */
async function prepareCheckout(): Promise<void> {
  await makeBuild();
  if (!loadConfig().databaseUrl) providedBinaries();
}

export async function install(options: InstallOptions): Promise<void> {
  const { dataDir, user, root, yes, disableOld, unitsOnly, build = prepareCheckout } = options;
  if (unitsOnly) {
    systemd({ dataDir, to: unitsOnly, user });
    return;
  }
  mustHaveSystemd({ root });
  if (user !== 'root' && /^\/(root|home)(\/|$)/.test(packageRoot) && root === '/') {
    throw new UserError(
      `The checkout is in ${packageRoot}, where the user ${user} should not be let in. Move it, to /opt/gehra for example.`,
    );
  }
  const units = unitsOf({ dataDir, user, checkout: packageRoot });
  const steps = await installSteps({ root, user, checkout: packageRoot, dataDir, units, disableOld, build });
  await follow(steps, yes);
  const old = oldTimers({ root });
  if (old.length > 0 && !disableOld) {
    process.stdout.write(
      `\n${old.join(' and ')} of the predecessor would start it beside Gehra, on the same tokens.\n` +
        'Give --disable-old-timers as well to have them stopped and disabled.\n',
    );
  }
  if (!yes) return;
  process.stdout.write(
    '\nGehra starts with the machine, and before the next session of the exchange. To start it now: systemctl start gehra.service\n' +
      'Do this again when the calendar has changed: a new year, a late holiday, the hours of a Muhurat session.\n',
  );
}

export async function uninstall({ root, yes, purge }: { root: string; yes: boolean; purge: boolean }): Promise<void> {
  mustHaveSystemd({ root });
  await follow(uninstallSteps({ root }, purge), yes);
  if (!purge) process.stdout.write('\nThe data and the user stay; --purge removes them too.\n');
}

async function follow(steps: readonly Step[], yes: boolean): Promise<void> {
  if (!yes) process.stdout.write('This would be done; nothing was. Give --yes to do it.\n\n');
  for (const { what, run } of steps) {
    process.stdout.write(`${yes ? '' : 'would '}${what}\n`);
    if (yes) await run();
  }
}
