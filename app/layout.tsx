import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { type ReactNode, Suspense } from 'react';
import { ConnectedNotice } from '../components/connections/connected-notice.tsx';
import { DesktopNotices } from '../components/notices/desktop-notices.tsx';
import { QueryProvider } from '../components/shell/query-provider.tsx';

export const metadata: Metadata = {
  title: { default: 'Gehra', template: '%s · Gehra' },
  description: 'Indian market depth, 200 levels a side, live and recorded.',
};

export const viewport: Viewport = { themeColor: '#0b0e11', colorScheme: 'dark' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en-IN">
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
