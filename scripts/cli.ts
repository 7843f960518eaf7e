/** The command line: verbs and their options. What a verb does is in scripts/verbs, loaded when it is asked for. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Argument, Command, CommanderError, Option } from 'commander';
import { loadConfig } from '../lib/config/config.ts';
import { packageRoot } from '../lib/config/root.ts';
import { TIMEFRAME_NAMES } from '../lib/core/candles.ts';
import { EXPORT_FORMATS, EXPORT_KIND_NAMES } from '../lib/core/exports.ts';
import { FEEDS } from '../lib/core/feeds.ts';
import { BAR_INTERVALS } from '../lib/orderflow/bar-intervals.ts';
import {
  absolutePath,
  calledFrom,
  feedName,
  instantUs,
  isoDate,
  market,
  numeric,
  wholeNumber,
} from './option-values.ts';
import { EXIT, UserError } from './user-error.ts';

/** Errors whose message is meant for people; any other is shown with its stack, to be reported. */
const SAID_PLAINLY: ReadonlySet<string> = new Set([
  'UserError',
  'ConfigError',
  'StartError',
  'MigrationError',
  'RecordingError',
  'MoveError',
  'BackupError',
]);
const WRITERS_MAX = 3;

/** The data folder: `--data`, else GEHRA_DATA_DIR, else `data` in the checkout. */
function dataFolder({ data }: { readonly data?: string }): string {
  return data ?? loadConfig().dataDir;
}

function commandLine(): Command {
  const program = new Command('gehra')
    .usage('<verb> [options]')
    .description('Gehra records Indian market depth, 200 levels a side, and shows it live.')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('See ./gehra --help, and ./gehra <verb> --help.')
    .addHelpText(
      'after',
      '\nSettings are environment variables, or lines of a file .env in the checkout; .env.example explains them all.' +
        '\nExit codes: 0 done, 1 could not be done (the message says why), 2 wrong usage, 130 ended by a second Ctrl-C.',
    );

  const dataOption = ['--data <dir>', 'the data folder (default: GEHRA_DATA_DIR, else data in the checkout)'] as const;

  program
    .command('up')
    .description('set up what is missing and run everything, until Ctrl-C')
    .option('--detach', 'run in the background; ./gehra down stops it')
    .option(
      '--port <n>',
      'port of the web app (default: PORT, else the first free one from 3000; 0: any)',
      wholeNumber(0, 65_535),
    )
    .option(...dataOption, absolutePath)
    .option('--market <market>', 'what the simulated exchange trades: synthetic, or replay:PATH of a recording', market)
    .option('--speed <factor>', 'market seconds in a second, 0.1 to 100, or max', numeric(0.1, 100, 'max'))
    .option('--seed <n>', 'names the synthetic market', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--frames <n>', 'depth frames a second of every instrument', numeric(0.1, 1000))
    .addOption(new Option('--session <when>', 'when the simulated exchange trades').choices(['always', 'nse']))
    .option('--date <date>', 'the simulated exchange takes today for this date, YYYY-MM-DD')
    .addOption(new Option('--clock <mode>', 'manual: time moves when a test says so').choices(['real', 'manual']))
    .option('--writers <n>', 'how many writers share the work', wholeNumber(1, WRITERS_MAX), 1)
    .option('--verbose', 'show what the processes log')
    .action(async (options) => {
      const { up } = await import('./verbs/up.ts');
      await up({ ...options, dataDir: dataFolder(options), calledFrom });
    });

  program
    .command('down')
    .description('stop the instance of a data folder')
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { down } = await import('./verbs/down.ts');
      await down(dataFolder(options));
    });

  program
    .command('env')
    .description('print the addresses of the running instance as shell assignments: eval "$(./gehra env)"')
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { env } = await import('./verbs/env.ts');
      env(dataFolder(options));
    });

  program
    .command('sign-in-link')
    .description('print a link to sign in with, once: for the first owner, or for a forgotten password')
    .option('--name <person>', 'whose link it is (default: the one owner)')
    .option(...dataOption, absolutePath)
    .action(async ({ name, ...options }) => {
      const { printSignInLink } = await import('./verbs/sign-in-link.ts');
      await printSignInLink(dataFolder(options), name);
    });

  program
    .command('replay')
    .description('replay what was recorded in an interval: a summary, or every frame and its metrics as lines of JSON')
    .requiredOption(
      '--from <instant>',
      'ISO 8601 with an offset, 2026-11-25T09:15:00+05:30, or ms since the epoch',
      instantUs,
    )
    .requiredOption('--to <instant>', 'likewise; exclusive', instantUs)
    .option('--instrument <slug...>', 'only these, as in NFO:NIFTY26DECFUT (default: all that was recorded)', [])
    .option('--speed <factor>', 'market seconds in a second, 0.25 to 100, or max', numeric(0.25, 100, 'max'), 'max')
    .addOption(
      new Option('--source <where>', 'where to read it').choices(['auto', 'journal', 'database']).default('auto'),
    )
    .option('--json', 'print lines of JSON (docs/REPLAY.md)', false)
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { replay } = await import('./verbs/replay.ts');
      await replay({ ...options, dataDir: dataFolder(options) });
    });

  program
    .command('import')
    .description(
      'bring recordings into the database, each as a session of its own; again to go on with one, or to change nothing',
    )
    .argument(
      '[file...]',
      'Binance raw.jsonl, Shanghai events.csv, NSE summaries; gzipped or not, or a folder with one',
    )
    .option('--list', 'list the sessions there are')
    .option(
      '--from <address>',
      'bring a database of the predecessor over (docs/MOVING_IN.md); its password better in PGPASSWORD',
    )
    .option(
      '--security <number=slug...>',
      'with --from: what a security is that it does not name, 49543=NFO:NIFTY25DECFUT',
    )
    .option(...dataOption, absolutePath)
    .action(async (files: string[], options) => {
      const { importFiles } = await import('./verbs/import.ts');
      await importFiles(files.map(absolutePath), { ...options, dataDir: dataFolder(options) });
    });

  program
    .command('status')
    .description('list the processes of the running instance')
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { status } = await import('./verbs/status.ts');
      status(dataFolder(options));
    });

  program
    .command('logs')
    .description('show what the processes wrote')
    .argument('[process]', 'one of those that ./gehra status lists, or up or migrate (default: all)')
    .option('-f, --follow', 'go on showing what comes')
    .option(...dataOption, absolutePath)
    .action(async (name, options) => {
      const { logs } = await import('./verbs/logs.ts');
      await logs(name, { ...options, dataDir: dataFolder(options) });
    });

  program
    .command('token')
    .description("print a broker's token, for scripts on this machine")
    .addArgument(new Argument('<broker>', 'whose').choices(['kite', 'dhan']))
    .option(...dataOption, absolutePath)
    .action(async (broker, options) => {
      const { token } = await import('./verbs/token.ts');
      token(broker, dataFolder(options));
    });

  program
    .command('candles')
    .description("download a broker's historical candles, and show how far it has come")
    .argument('<instrument...>', 'EXCHANGE:SYMBOL, as NFO:NIFTY26DECFUT')
    .requiredOption('--from <date>', 'first day, YYYY-MM-DD in India', isoDate)
    .requiredOption('--to <date>', 'last day', isoDate)
    .addOption(new Option('--interval <length>', 'of a candle').choices(TIMEFRAME_NAMES).default('minute'))
    .addOption(
      new Option('--broker <broker>', 'whose (default: Kite where it lists the instrument)').choices(['kite', 'dhan']),
    )
    .option(...dataOption, absolutePath)
    .action(async (instruments, options) => {
      const { candles } = await import('./verbs/candles.ts');
      await candles({ ...options, instruments, dataDir: dataFolder(options) });
    });

  program
    .command('doctor')
    .description('say what is there, what is missing, what will be used, and how what runs is')
    .option('--port <n>', 'the port that ./gehra up will be asked for', wholeNumber(0, 65_535))
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { doctor } = await import('./verbs/doctor.ts');
      await doctor({ ...options, dataDir: dataFolder(options) });
    });

  program
    .command('systemd')
    .description(
      'write systemd units that start everything with the machine and on trading days, and stop it after the close',
    )
    .option(...dataOption, absolutePath)
    .option('--to <dir>', 'where to write them (default: ops/systemd in the checkout)', absolutePath)
    .action(async (options) => {
      const { systemd } = await import('./verbs/systemd.ts');
      systemd({ dataDir: dataFolder(options), to: options.to ?? path.join(packageRoot, 'ops/systemd') });
    });

  program
    .command('install')
    .description('run Gehra as a service of systemd; says what it would do, and does it with --yes')
    .option('--yes', 'do it', false)
    .option('--data <dir>', 'the data folder', absolutePath, '/var/lib/gehra/data')
    .option('--user <name>', 'as whom it runs; made where there is no such user', 'gehra')
    .option('--disable-old-timers', 'also stop and disable the timers of the predecessor (tradingapp-*)', false)
    .option('--units-only <dir>', 'only write the units there, for another system', absolutePath)
    .option('--root <dir>', 'the folder that stands for the system', absolutePath, '/')
    .action(async ({ data, disableOldTimers, ...options }) => {
      const { install } = await import('./verbs/install.ts');
      await install({ ...options, dataDir: data, disableOld: disableOldTimers });
    });

  program
    .command('uninstall')
    .description('undo ./gehra install; the data stay. Says what it would do, and does it with --yes')
    .option('--yes', 'do it', false)
    .option('--purge', 'also DELETE the data folder with everything recorded, and the user', false)
    .option('--root <dir>', 'the folder that stands for the system', absolutePath, '/')
    .action(async (options) => {
      const { uninstall } = await import('./verbs/install.ts');
      await uninstall(options);
    });

  program
    .command('build')
    .description('build what ./gehra up runs, and say where it is')
    .action(async () => {
      const { build } = await import('./verbs/build.ts');
      await build();
    });

  program
    .command('migrate')
    .description('bring the database of DATABASE_URL, or of the running instance, to the schema of this version')
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { migrate } = await import('./verbs/migrate.ts');
      await migrate(dataFolder(options));
    });

  program
    .command('backup')
    .description('write rows and journal of a data folder into a folder that is not there yet, while its instance runs')
    .argument('<dir>', 'where to write it', absolutePath)
    .option(...dataOption, absolutePath)
    .action(async (to, options) => {
      const { backup } = await import('./verbs/backup.ts');
      await backup(to, dataFolder(options));
    });

  program
    .command('restore')
    .description('bring a backup back, into an empty database and a data folder without a journal')
    .argument('<dir>', 'the backup', absolutePath)
    .option('--check', 'read every file of the backup, and change nothing')
    .option(...dataOption, absolutePath)
    .action(async (from, options) => {
      const { restore } = await import('./verbs/backup.ts');
      await restore(from, { ...options, dataDir: dataFolder(options) });
    });

  program
    .command('tiles')
    .description("build the heatmap's tiles that are missing or not as their frames, trades and gaps are")
    .option('--instrument <name>', 'of one instrument, like NFO:NIFTY26DECFUT (default: of all)')
    .option('--from <date>', 'first day, YYYY-MM-DD (default: that of --to, else today)', isoDate)
    .option('--to <date>', 'last day, YYYY-MM-DD (default: today)', isoDate)
    .option('--rebuild', 'build anew also what is as it should be')
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { tiles } = await import('./verbs/tiles.ts');
      await tiles({ ...options, dataDir: dataFolder(options) });
    });

  program
    .command('test')
    .description('run all tests, or some stages of them, or those whose file name holds a word')
    .argument('[filter...]', 'lint, unit, integration, system, timescale, e2e, or words of file names')
    .option('--long', 'run the long tests instead')
    .action(async (filters, options) => {
      const { test } = await import('./verbs/test.ts');
      await test(filters, options);
    });

  program
    .command('bench')
    .description('measure, in one run against the named alternatives')
    .argument('[name...]', 'which benches (default: all)')
    .option('--json <file>', 'also write every raw value there', absolutePath)
    .option('--rounds <n>', 'runs of each variant (default: 5, or what its bench has at most)', wholeNumber(1, 100))
    .option('--long', 'watch the heap for 30 minutes instead of 10')
    .option('--minutes <n>', 'watch it for so long', numeric(0.5, 600))
    .action(async (names, options) => {
      const { bench } = await import('./verbs/bench.ts');
      await bench(names, options);
    });

  program
    .command('chaos')
    .description(
      'run an instance of its own through faults, by a schedule that a seed names, and check that nothing was lost',
    )
    .option('--seed <n>', 'names the schedule', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--minutes <n>', 'how long (default: 15, with --long 30)', numeric(0.2, 600))
    .option('--writers <n>', 'how many writers share the work', wholeNumber(1, WRITERS_MAX), 1)
    .option('--only <word>', 'only faults whose name holds it')
    .option('--long', 'no faults, but full load: watch memory, descriptors and lag')
    .option('--write', 'write the results into docs/RELIABILITY.md')
    .action(async (options) => {
      const { chaos } = await import('./verbs/chaos.ts');
      await chaos(options);
    });

  program
    .command('pictures')
    .description('take the pictures of the guide of the running instance, in docs/pictures')
    .option('--to <dir>', 'where to write them (default: docs/pictures)', absolutePath)
    .option(...dataOption, absolutePath)
    .action(async ({ to, ...options }) => {
      const { pictures } = await import('./verbs/pictures.ts');
      await pictures(dataFolder(options), to);
    });

  program
    .command('export')
    .description('write what is stored of an instrument to a file, or to the output; what it is and its gaps beside it')
    .requiredOption('--instrument <slug>', 'EXCHANGE:SYMBOL, as NFO:NIFTY26DECFUT')
    .addOption(new Option('--what <kind>', 'which rows').choices(EXPORT_KIND_NAMES).makeOptionMandatory())
    .addOption(
      new Option('--format <format>', 'npy for hftbacktest, and for nothing else')
        .choices(EXPORT_FORMATS)
        .default('csv'),
    )
    .addOption(new Option('--interval <length>', 'length of bars').choices(Object.keys(BAR_INTERVALS)))
    .addOption(
      new Option('--feed <name>', 'whose rows (default: the best that has some)').choices(
        FEEDS.map(({ name }) => name),
      ),
    )
    .requiredOption('--from <instant>', '2026-11-25T09:15:00+05:30, or milliseconds since the epoch', instantUs)
    .requiredOption('--to <instant>', 'the same; rows at this instant are not included', instantUs)
    .option('--out <file>', 'a file that is not there yet (default: the output)', absolutePath)
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { exportRows } = await import('./verbs/export.ts');
      await exportRows({ ...options, dataDir: dataFolder(options) });
    });

  program
    .command('seal')
    .description(
      'rewrite the closed part of the journal in a few percent of its size, compared before the raw files go',
    )
    .option('--day <date>', 'only this day, YYYY-MM-DD in IST', isoDate)
    .option('--feed <name>', 'only this feed, as dhan-depth200-1', feedName)
    .option('--dry-run', 'say what would be sealed, and change nothing')
    .option('--check', 'read everything that is sealed, and name what is damaged')
    .option(...dataOption, absolutePath)
    .action(async (options) => {
      const { seal } = await import('./verbs/seal.ts');
      await seal({ ...options, dataDir: dataFolder(options) });
    });

  program
    .command('signals')
    .description('how well the detectors do')
    .command('report')
    .description('run them over made-up markets with labelled events, and without any; takes some minutes')
    .option('--seeds <list>', 'markets; 1 is the one that thresholds were tuned on', '2,3')
    .option('--hours <number>', 'of each market', '3')
    .option('--shanghai <folder>', 'instead over real days of that exchange, held against the labels beside them')
    .option('--write', 'into docs/SIGNALS.md')
    .action(async (options) => {
      const { signalReport } = await import('./verbs/signals.ts');
      await signalReport(options);
    });

  program
    .command('timescale')
    .description('run an empty TimescaleDB for experiments, until Ctrl-C (needs root)')
    .action(async () => {
      const { timescale } = await import('./verbs/timescale.ts');
      await timescale();
    });

  return program;
}

async function main(): Promise<void> {
  // Neither a reader that went away (`./gehra up | head`) nor a full disk under up.log is a reason to end.
  process.stdout.on('error', () => undefined);
  // Everything runs in the checkout, wherever it was called from.
  process.chdir(packageRoot);
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    await commandLine().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what went wrong. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof Error && SAID_PLAINLY.has(error.name)) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof UserError ? error.exitCode : EXIT.failed;
  }
  throw error;
}

await main();
