import { Brand } from './brand.tsx';

export function SiteHeader() {
  return (
    <header className="flex h-12 items-center border-b border-line bg-panel px-4">
      <Brand />
    </header>
  );
}
