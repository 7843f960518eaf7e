/** Loads the TypeScript of the command line without a build: tsx is registered in this process, so signals reach it. */
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
