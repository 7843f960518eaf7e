/** `./gehra sign-in-link` where there is no checkout: in a container, whose environment says where everything is. */
import { loadConfig } from '../lib/config/config.ts';
import { printLink } from './verbs/sign-in-link.ts';

const { appUrl, databaseDirectUrl } = loadConfig();
await printLink({ appUrl, databaseUrl: databaseDirectUrl, name: process.argv[2] });
