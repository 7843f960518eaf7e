import type { Metadata } from 'next';
import { KeysPanel } from '../../../components/settings/keys-panel.tsx';
import { OwnersOnly } from '../../../components/settings/owners-only.tsx';
import { pageCaller } from '../../page-caller.ts';

export const metadata: Metadata = { title: 'API keys' };

export default async function KeysPage() {
  const { role } = await pageCaller();
  return role === 'owner' ? <KeysPanel /> : <OwnersOnly what="the keys of scripts" />;
}
