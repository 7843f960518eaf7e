import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import { type ReactNode, Suspense } from 'react';
import { ConnectedNotice } from '../components/connections/connected-notice.tsx';
import { DesktopNotices } from '../components/notices/desktop-notices.tsx';
import { QueryProvider } from '../components/shell/query-provider.tsx';
import { THEME_SCRIPT } from '../lib/client/theme-choice.ts';
import { NONCE_HEADER } from '../lib/services/content-policy.ts';

export const metadata: Metadata = {
  title: { default: 'Gehra', template: '%s · Gehra' },
  description: 'Indian market depth, 200 levels a side, live and recorded.',
};

export const viewport: Viewport = {
  themeColor: [{ media: '(prefers-color-scheme: light)', color: '#ffffff' }, { color: '#0b0e11' }],
  colorScheme: 'dark light',
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get(NONCE_HEADER) ?? undefined;
  return (
    // The script has said which theme it is before React looks.
    <html lang="en-IN" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, which has to run before the first paint */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <QueryProvider>
          {children}
          <Suspense fallback={null}>
            <ConnectedNotice />
          </Suspense>
          <DesktopNotices />
        </QueryProvider>
      </body>
    </html>
  );
}
