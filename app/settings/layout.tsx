import type { ReactNode } from 'react';
import { PasswordGuard } from '../../components/settings/password-guard.tsx';
import { SettingsTabs } from '../../components/settings/settings-tabs.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-6">
        <h1 className="text-lg font-semibold">Settings</h1>
        <SettingsTabs />
        <PasswordGuard>{children}</PasswordGuard>
      </main>
    </>
  );
}
