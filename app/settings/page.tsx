import type { Metadata } from 'next';
import { OwnersOnly } from '../../components/settings/owners-only.tsx';
import { PeoplePanel } from '../../components/settings/people-panel.tsx';
import { pageCaller } from '../page-caller.ts';

export const metadata: Metadata = { title: 'People' };

export default async function PeoplePage() {
  const { role } = await pageCaller();
  return role === 'owner' ? <PeoplePanel /> : <OwnersOnly what="who may come in" />;
}
