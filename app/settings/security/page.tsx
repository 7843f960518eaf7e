import type { Metadata } from 'next';
import { SecurityPanel } from '../../../components/settings/security-panel.tsx';
import { pageCaller } from '../../page-caller.ts';

export const metadata: Metadata = { title: 'Security' };

export default async function SecurityPage() {
  const { via } = await pageCaller();
  if (via === 'session') return <SecurityPanel />;
  return (
    <p className="text-muted">
      The simulated market is open on this machine, and nobody is signed in: there is no password to change. Start Gehra
      with DEMO_SIGN_IN=1 to try signing in.
    </p>
  );
}
