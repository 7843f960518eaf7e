import { UnknownInstrument } from '../../../components/instruments/unknown-instrument.tsx';
import { SiteHeader } from '../../../components/shell/site-header.tsx';

export default function InstrumentNotFound() {
  return (
    <>
      <SiteHeader />
      <UnknownInstrument />
    </>
  );
}
