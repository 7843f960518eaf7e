import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coverage } from './coverage.ts';
import { nextPage, PAGE_COLUMNS } from './history-plan.ts';
import { T0 } from './test-support.ts';

const COLUMN_US = 250_000;
const at = (columns: number): number => columns * COLUMN_US;

describe('history plan', () => {
  it('asks for the newest that is missing, a page at most', () => {
    const page = nextPage(new Coverage(), COLUMN_US, { fromUs: at(0), toUs: at(5000), aheadUs: at(0) });
    expect(page).toEqual({ fromUs: at(5000 - PAGE_COLUMNS), toUs: at(5000) });
  });

  it('asks for nothing where all is held, even if what lies ahead is not', () => {
    const coverage = new Coverage();
    coverage.add(at(100), at(200));
    expect(nextPage(coverage, COLUMN_US, { fromUs: at(120), toUs: at(200), aheadUs: at(0) })).toBeNull();
  });

  it('goes ahead when it asks at all', () => {
    const coverage = new Coverage();
    coverage.add(at(100), at(200));
    const page = nextPage(coverage, COLUMN_US, { fromUs: at(95), toUs: at(200), aheadUs: at(0) });
    expect(page).toEqual({ fromUs: at(0), toUs: at(100) });
  });

  it('fills a hole without fetching its surroundings', () => {
    const coverage = new Coverage();
    coverage.add(at(0), at(100));
    coverage.add(at(110), at(200));
    const page = nextPage(coverage, COLUMN_US, { fromUs: at(50), toUs: at(200), aheadUs: at(0) });
    expect(page).toEqual({ fromUs: at(100), toUs: at(110) });
  });

  it('comes to an end, and leaves nothing out', () => {
    const interval = fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 4000 }));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), interval, (held, [a, b]) => {
        const coverage = new Coverage();
        for (const [from, to] of held) coverage.add(T0 + from * 70_001, T0 + to * 70_001);
        const fromUs = T0 + Math.min(a, b) * 70_001;
        const toUs = T0 + Math.max(a, b) * 70_001;
        const wanted = { fromUs, toUs, aheadUs: fromUs - at(300) };
        for (let pages = 0; ; pages += 1) {
          const page = nextPage(coverage, COLUMN_US, wanted);
          if (!page) break;
          expect(page.fromUs % COLUMN_US).toBe(0);
          expect((page.toUs - page.fromUs) / COLUMN_US).toBeLessThanOrEqual(PAGE_COLUMNS);
          expect(page.toUs).toBeGreaterThan(page.fromUs);
          coverage.add(page.fromUs, page.toUs);
          expect(pages).toBeLessThan(40);
        }
        expect(coverage.missing(fromUs, toUs)).toEqual([]);
      }),
    );
  });
});
