/**
 * What the exchanges have said of their days and hours, as dated rows with their sources. docs/CALENDAR.md says how a new year
 * is entered. What is announced after a release goes into the data folder's calendar.json, which wins over this file.
 *
 * Sources: NSE's circulars, by number where it is known; "3 calendars": the date stands alike in gerrymanoim/exchange_calendars
 * (XBOM), rsheftel/pandas_market_calendars (BSE) and rthennan/ZerodhaWebsocket.
 */

/** Holidays and special sessions are complete up to and including this day. */
export const KNOWN_UNTIL = '2026-12-31';

/**
 * Parts of the market with hours of their own. CM: NSE cash. CM_FO_STOCKS: its stocks that have derivatives. FO: NSE equity
 * derivatives. The others have no sourced hours here; ASSUMED says what is taken for them.
 */
export type Segment = 'CM' | 'CM_FO_STOCKS' | 'FO' | 'BSE_CM' | 'BSE_FO' | 'CURRENCY' | 'COMMODITY';

export interface PhaseRule {
  readonly segments: readonly Segment[];
  readonly phase: string;
  /** IST, `HH:MM`; the end does not belong to the phase. */
  readonly start: string;
  readonly end: string;
  /** First and last day of the rule, ISO; absent: since ever, until further notice. */
  readonly from?: string;
  readonly to?: string;
  /** Continuous trading: liquid instruments that send nothing for seconds are a fault. */
  readonly continuous?: true;
  readonly source: string;
}

const CM_ALL = ['CM', 'CM_FO_STOCKS', 'BSE_CM'] as const;
/** BSE's hours were not found; NSE's are taken for them. */
const FO_ALL = ['FO', 'BSE_FO'] as const;

export const PHASES: readonly PhaseRule[] = [
  {
    segments: CM_ALL,
    phase: 'pre_open_order_entry',
    start: '09:00',
    end: '09:08',
    to: '2026-09-06',
    source: 'CMTR/72349 of 2026-01-16',
  },
  {
    segments: CM_ALL,
    phase: 'pre_open_entry_all',
    start: '09:00',
    end: '09:05',
    from: '2026-09-07',
    source: 'NSE FAQ of 2026-07-01',
  },
  {
    segments: CM_ALL,
    phase: 'pre_open_entry_limit',
    start: '09:05',
    end: '09:10',
    from: '2026-09-07',
    source: 'NSE FAQ of 2026-07-01',
  },
  {
    segments: CM_ALL,
    phase: 'pre_open_matching',
    start: '09:10',
    end: '09:12',
    from: '2026-09-07',
    source: 'NSE FAQ of 2026-07-01',
  },
  {
    segments: ['CM', 'BSE_CM'],
    phase: 'normal',
    start: '09:15',
    end: '15:30',
    continuous: true,
    source: 'CMTR/72349 of 2026-01-16',
  },
  {
    segments: ['CM_FO_STOCKS'],
    phase: 'normal',
    start: '09:15',
    end: '15:30',
    to: '2026-08-02',
    continuous: true,
    source: 'CMTR/72349 of 2026-01-16',
  },
  {
    segments: ['CM_FO_STOCKS'],
    phase: 'continuous',
    start: '09:15',
    end: '15:15',
    from: '2026-08-03',
    continuous: true,
    source: 'CMTR/74466 of 2026-05-29',
  },
  {
    segments: ['CM_FO_STOCKS'],
    phase: 'closing_auction_reference',
    start: '15:15',
    end: '15:20',
    from: '2026-08-03',
    source: 'CMTR/74466 of 2026-05-29',
  },
  {
    segments: ['CM_FO_STOCKS'],
    phase: 'closing_auction_entry',
    start: '15:20',
    end: '15:25',
    from: '2026-08-03',
    source: 'CMTR/74466 of 2026-05-29',
  },
  {
    segments: ['CM_FO_STOCKS'],
    phase: 'closing_auction_limit_only',
    start: '15:25',
    end: '15:30',
    from: '2026-08-03',
    source: 'CMTR/74466 of 2026-05-29',
  },
  {
    segments: ['CM_FO_STOCKS'],
    phase: 'closing_auction_matching',
    start: '15:30',
    end: '15:35',
    from: '2026-08-03',
    source: 'CMTR/74466 of 2026-05-29',
  },
  {
    segments: CM_ALL,
    phase: 'post_close',
    start: '15:40',
    end: '16:00',
    to: '2026-08-02',
    source: 'CMTR/72349 of 2026-01-16',
  },
  {
    segments: CM_ALL,
    phase: 'post_close',
    start: '15:50',
    end: '16:00',
    from: '2026-08-03',
    source: 'CMTR/74466 of 2026-05-29',
  },
  {
    // Futures of the current month, and of the next one in the last five trading days before expiry; never options.
    segments: FO_ALL,
    phase: 'pre_open_order_entry',
    start: '09:00',
    end: '09:08',
    from: '2025-12-08',
    source: 'FAOP/71092 of 2025-11-03',
  },
  {
    segments: FO_ALL,
    phase: 'pre_open_matching',
    start: '09:08',
    end: '09:12',
    from: '2025-12-08',
    source: 'FAOP/71092 of 2025-11-03',
  },
  {
    segments: FO_ALL,
    phase: 'normal',
    start: '09:15',
    end: '15:30',
    to: '2026-08-02',
    continuous: true,
    source: 'FAOP/74467 of 2026-05-29 states the earlier close',
  },
  {
    segments: FO_ALL,
    phase: 'normal',
    start: '09:15',
    end: '15:40',
    from: '2026-08-03',
    continuous: true,
    source: 'FAOP/74467 of 2026-05-29',
  },
  // The longest day that the exchange has been known to keep: cross-currency pairs trade until 19:30. Not sourced.
  { segments: ['CURRENCY'], phase: 'assumed', start: '09:00', end: '19:30', source: 'assumed' },
  // MCX closes at 23:30 or, in winter time of the USA, at 23:55. Not sourced; the later one loses nothing.
  { segments: ['COMMODITY'], phase: 'assumed', start: '09:00', end: '23:55', source: 'assumed' },
];

/** Segments whose hours stand above without a source, and what is assumed of them, in words for a person. */
export const ASSUMED: Readonly<Partial<Record<Segment, string>>> = {
  BSE_CM: "BSE's hours are taken to be NSE's",
  BSE_FO: "the hours of BSE's derivatives are taken to be NSE's",
  CURRENCY: 'currency is taken to trade from 09:00 to 19:30 on NSE’s trading days',
  COMMODITY:
    'MCX is taken to trade from 09:00 to 23:55 on every weekday, holidays included: many have an evening session; and on a weekend where NSE does',
};

/**
 * When a segment whose hours are assumed is surely open on an ordinary day: silence at another time may be an earlier close. Most
 * currency pairs close at 17:00, MCX at 23:30 in the summer of the USA.
 */
export const SURELY_OPEN: Readonly<Partial<Record<Segment, { readonly start: string; readonly end: string }>>> = {
  CURRENCY: { start: '09:00', end: '17:00' },
  COMMODITY: { start: '09:00', end: '23:30' },
};

export type SpecialKind =
  /** No session. */
  | 'holiday'
  /** A session with the usual hours on a Saturday or Sunday. */
  | 'full_session'
  /** A session whose hours are announced days before. */
  | 'muhurat';

export interface SpecialDay {
  readonly date: string;
  readonly kind: SpecialKind;
  readonly name: string;
  readonly source: string;
}

const BOTH = 'CMTR71775; 3 calendars';

export const SPECIAL_DAYS: readonly SpecialDay[] = [
  { date: '2025-02-01', kind: 'full_session', name: 'Union Budget', source: 'exchange_calendars' },
  { date: '2025-02-26', kind: 'holiday', name: 'Mahashivratri', source: '3 calendars' },
  { date: '2025-03-14', kind: 'holiday', name: 'Holi', source: '3 calendars' },
  { date: '2025-03-31', kind: 'holiday', name: 'Id-Ul-Fitr', source: '3 calendars' },
  { date: '2025-04-10', kind: 'holiday', name: 'Shri Mahavir Jayanti', source: '3 calendars' },
  { date: '2025-04-14', kind: 'holiday', name: 'Dr. Baba Saheb Ambedkar Jayanti', source: '3 calendars' },
  { date: '2025-04-18', kind: 'holiday', name: 'Good Friday', source: '3 calendars' },
  { date: '2025-05-01', kind: 'holiday', name: 'Maharashtra Day', source: '3 calendars' },
  { date: '2025-08-15', kind: 'holiday', name: 'Independence Day', source: '3 calendars' },
  { date: '2025-08-27', kind: 'holiday', name: 'Ganesh Chaturthi', source: '3 calendars' },
  { date: '2025-10-02', kind: 'holiday', name: 'Mahatma Gandhi Jayanti, Dussehra', source: '3 calendars' },
  {
    date: '2025-10-21',
    kind: 'muhurat',
    name: 'Diwali Laxmi Pujan',
    source: '3 calendars; NSE circular of 2025-10-08',
  },
  { date: '2025-10-22', kind: 'holiday', name: 'Diwali Balipratipada', source: '3 calendars' },
  { date: '2025-11-05', kind: 'holiday', name: 'Prakash Gurpurb Sri Guru Nanak Dev', source: '3 calendars' },
  { date: '2025-12-25', kind: 'holiday', name: 'Christmas', source: '3 calendars' },
  {
    date: '2026-01-15',
    kind: 'holiday',
    name: 'Municipal elections in Maharashtra',
    source: 'NSE circular of 2026-01-12',
  },
  { date: '2026-01-26', kind: 'holiday', name: 'Republic Day', source: BOTH },
  { date: '2026-02-01', kind: 'full_session', name: 'Union Budget', source: 'CMTR/72349' },
  { date: '2026-02-15', kind: 'holiday', name: 'Mahashivratri', source: 'CMTR71775' },
  { date: '2026-03-03', kind: 'holiday', name: 'Holi', source: BOTH },
  { date: '2026-03-21', kind: 'holiday', name: 'Id-Ul-Fitr', source: 'CMTR71775' },
  { date: '2026-03-26', kind: 'holiday', name: 'Shri Ram Navami', source: BOTH },
  { date: '2026-03-31', kind: 'holiday', name: 'Shri Mahavir Jayanti', source: BOTH },
  { date: '2026-04-03', kind: 'holiday', name: 'Good Friday', source: BOTH },
  { date: '2026-04-14', kind: 'holiday', name: 'Dr. Baba Saheb Ambedkar Jayanti', source: BOTH },
  { date: '2026-05-01', kind: 'holiday', name: 'Maharashtra Day', source: BOTH },
  { date: '2026-05-28', kind: 'holiday', name: 'Bakri Id', source: BOTH },
  { date: '2026-06-26', kind: 'holiday', name: 'Muharram', source: BOTH },
  { date: '2026-08-15', kind: 'holiday', name: 'Independence Day', source: 'CMTR71775' },
  { date: '2026-09-14', kind: 'holiday', name: 'Ganesh Chaturthi', source: BOTH },
  { date: '2026-10-02', kind: 'holiday', name: 'Mahatma Gandhi Jayanti', source: BOTH },
  { date: '2026-10-20', kind: 'holiday', name: 'Dussehra', source: BOTH },
  { date: '2026-11-08', kind: 'muhurat', name: 'Diwali Laxmi Pujan', source: 'CMTR71775' },
  { date: '2026-11-10', kind: 'holiday', name: 'Diwali Balipratipada', source: BOTH },
  { date: '2026-11-24', kind: 'holiday', name: 'Prakash Gurpurb Sri Guru Nanak Dev', source: BOTH },
  { date: '2026-12-25', kind: 'holiday', name: 'Christmas', source: BOTH },
  // Beyond KNOWN_UNTIL only what the law fixes.
  { date: '2027-01-26', kind: 'holiday', name: 'Republic Day', source: 'a national holiday every year' },
];
