import Link from 'next/link';
import { SiteHeader } from '../components/shell/site-header.tsx';

export default function NotFound() {
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-10">
        <h1 className="text-lg font-semibold">There is no such page</h1>
        <p className="mt-2 text-muted">
          Go to the{' '}
          <Link href="/" className="text-best-bid underline">
            list of instruments
          </Link>
          .
        </p>
      </main>
    </>
  );
}
