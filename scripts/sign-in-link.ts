/** `./gehra sign-in-link [--name NAME]` where there is no checkout: in a container, whose environment says where everything is. */
import { parseArgs } from 'node:util';
import { loadConfig } from '../lib/config/config.ts';
import { printLink } from './verbs/sign-in-link.ts';

const { values } = parseArgs({ options: { name: { type: 'string' } } });
const { appUrl, databaseDirectUrl } = loadConfig();
await printLink({ appUrl, databaseUrl: databaseDirectUrl, name: values.name });
