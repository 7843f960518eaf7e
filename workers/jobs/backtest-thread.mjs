// Threads are not told about TypeScript by the process that begins them.
import { register } from 'tsx/esm/api';

register();
await import('./backtest-thread.ts');
