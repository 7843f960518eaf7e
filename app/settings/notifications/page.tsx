import type { Metadata } from 'next';
import { NotificationChannels } from '../../../components/settings/notification-channels.tsx';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Notifications' };

export default async function NotificationsPage() {
  await pageCaller();
  return (
    <>
      <p className="max-w-prose text-muted">
        Where you are told, before the market opens and while it is open, what needs you: a login, a token that ends, a
        session whose hours nobody knows.
      </p>
      <NotificationChannels />
    </>
  );
}
