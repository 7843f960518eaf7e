import { SectionTabs } from '../shell/section-tabs.tsx';

/** The pages about signals. */
const TABS = [
  { href: '/signals', name: 'History' },
  { href: '/signals/detectors', name: 'Detectors' },
  { href: '/signals/rules', name: 'Rules and alerts' },
  { href: '/signals/backtests', name: 'Backtests' },
] as const;

export const SignalsTabs = () => <SectionTabs label="Signals" tabs={TABS} />;
