import { WatchPage } from '../../components/instruments/watch-page.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { pageCaller } from '../page-caller.ts';

export const metadata = { title: 'Instruments' };

export default async function InstrumentsPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <WatchPage />
    </>
  );
}
