import type { Metadata } from 'next';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { WorkspacePage } from '../../components/workspace/workspace-page.tsx';
import { pageCaller } from '../page-caller.ts';

// Who asks is known only while the server runs.
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Workspace' };

export default async function Workspace() {
  await pageCaller();
  return (
    <div className="flex h-dvh min-h-0 flex-col overflow-hidden">
      <SiteHeader />
      <WorkspacePage />
    </div>
  );
}
