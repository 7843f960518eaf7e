import { SectionTabs } from '../shell/section-tabs.tsx';

/** The parts of the settings, each a page of its own. */
const TABS = [
  { href: '/settings', name: 'People' },
  { href: '/settings/keys', name: 'API keys' },
  { href: '/settings/security', name: 'Security' },
  { href: '/settings/notifications', name: 'Notifications' },
  { href: '/settings/hours', name: 'Hours' },
  { href: '/settings/data', name: 'Data' },
] as const;

export const SettingsTabs = () => <SectionTabs label="Settings" tabs={TABS} />;
