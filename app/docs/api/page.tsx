import type { Metadata } from 'next';
import { ApiReference } from '../../../components/docs/api-reference.tsx';
import { SiteHeader } from '../../../components/shell/site-header.tsx';
import { openApiDocument } from '../../../lib/api/openapi.ts';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'API' };

export default async function ApiPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <ApiReference document={openApiDocument()} />
    </>
  );
}
