/** Futures, calls and puts of an underlying summed: what the predecessor's dashboard asked for. Prices in rupees. */
import { firstHeardUs } from '../../db/depth.ts';
import { gapsOfInterval } from '../../db/gaps.ts';
import { type ContractDay, type ContractTick, contractDays, newestContractTicks } from '../../db/underlying.ts';
import type { Answer, Query } from '../api/operations.ts';
import { TradingHours } from '../calendar/trading-hours.ts';
import { ABSENT, isPresent } from '../core/absent.ts';
import { formatIstDate, istMidnightUs } from '../core/ist.ts';
import { signed } from '../orderflow/aggressor-rules.ts';
import { meanOfToxicities, type TickToxicity, tickToxicity } from '../orderflow/tick-toxicity.ts';
import type { Caller } from './access.ts';
import { orNull, shareHeard } from './asked-flow.ts';
import { services } from './context.ts';
import { knownHours } from './hours.ts';
import { inIst } from './times.ts';

type Summary = Answer<'/api/orderflow'>;
type Toxicity = Answer<'/api/orderflow/toxicity'>;
type Group = 'futures' | 'calls' | 'puts';

const GROUPS = { FUT: 'futures', CE: 'calls', PE: 'puts' } as const;
const KINDS = { FUT: 'FUTURES', CE: 'CALLS', PE: 'PUTS' } as const;
const WINDOW_US = 5 * 60_000_000;
/** Ticks of a window that are looked at, of all contracts. */
const WINDOW_TICKS_MAX = 20_000;
const SHOWN_MAX = 20;
const GAPS_MAX = 10_000;
/** Less than this is no trend, as the predecessor had it. */
const TREND_MIN = 0.0001;
const INSTRUMENT_TREND_MIN = 0.00001;

/** No contract of it need be recorded: then everything is 0 and the price is null. */
export async function summary(_caller: Caller, { underlying }: Query<'/api/orderflow'>): Promise<Summary> {
  const { contracts, nowUs, fromUs } = await todaysContracts(underlying);
  const of = (group: Group): ContractDay[] => contracts.filter(({ type }) => GROUPS[type] === group);
  const sums = (value: (contract: ContractDay) => number | null): Record<Group, number> => {
    const sum = (group: Group): number => of(group).reduce((total, contract) => total + (value(contract) ?? 0), 0);
    return { futures: sum('futures'), calls: sum('calls'), puts: sum('puts') };
  };
  const total = ({ futures, calls, puts }: Record<Group, number>): number => futures + calls + puts;
  const cvd = sums(({ delta }) => delta);
  const volume = sums((contract) => contract.volume);
  const oi = sums(({ oiChange }) => oiChange);
  const bids = sums((contract) => restingValue(contract, contract.bidDepth));
  const asks = sums((contract) => restingValue(contract, contract.askDepth));
  const balance = (group: Group): Summary['imbalance'][Group] => ({
    bid_value: bids[group],
    ask_value: asks[group],
    ratio: asks[group] === 0 ? null : bids[group] / asks[group],
  });
  const near = of('futures')[0];
  const change = near ? (near.lastPrice - near.firstPrice) / near.priceScale : null;
  return {
    market_overview: {
      symbol: underlying,
      price: near ? near.lastPrice / near.priceScale : null,
      change,
      change_pct: near && near.firstPrice > 0 ? (100 * (near.lastPrice - near.firstPrice)) / near.firstPrice : null,
    },
    cvd: { ...cvd, net_options: cvd.calls - cvd.puts },
    volume: { ...volume, total: total(volume) },
    oi_changes: { ...oi, total: total(oi) },
    imbalance: { futures: balance('futures'), calls: balance('calls'), puts: balance('puts') },
    metadata: {
      futures_count: of('futures').length,
      calls_count: of('calls').length,
      puts_count: of('puts').length,
      timestamp: inIst(nowUs),
      coverage: await leastCoverage(contracts, fromUs, nowUs),
    },
  };
}

const restingValue = ({ lastPrice, priceScale }: ContractDay, depth: number | null): number =>
  ((depth ?? 0) * lastPrice) / priceScale;

/** Of the contract that was heard least since the sums began; null without contracts. */
async function leastCoverage(contracts: readonly ContractDay[], fromUs: number, nowUs: number): Promise<number | null> {
  if (contracts.length === 0 || nowUs <= fromUs) return null;
  const ids = contracts.map(({ instrumentId }) => instrumentId);
  const { db } = services();
  const gaps = await gapsOfInterval(db, ids, fromUs, nowUs, GAPS_MAX);
  const began = await Promise.all(
    contracts.map(({ instrumentId, feedId }) => firstHeardUs(db, instrumentId, feedId, fromUs)),
  );
  const coverages = contracts.map(({ instrumentId, feedId }, i) => {
    const own = gaps.filter((gap) => gap.feedId === feedId && gap.instrumentIds.includes(instrumentId));
    return shareHeard(fromUs, nowUs, { heardFromUs: began[i] as number, gaps: own, completeToUs: nowUs });
  });
  return Math.min(...coverages);
}

interface MeasuredTick extends ContractTick {
  readonly contract: ContractDay;
  readonly toxicity: TickToxicity;
}

/** The same of how much of the book trades consumed. */
export async function toxicitySummary(
  _caller: Caller,
  { underlying, limit }: Query<'/api/orderflow/toxicity'>,
): Promise<Toxicity> {
  const { contracts, nowUs, dayUs } = await todaysContracts(underlying);
  const read = async (fromUs: number, toUs: number, most: number): Promise<MeasuredTick[]> =>
    measured(contracts, await newestContractTicks(services().db, contracts, { fromUs, toUs, limit: most }));
  const ticks = await read(dayUs, nowUs, limit);
  const [recent, earlier] = await Promise.all([
    read(nowUs - WINDOW_US, nowUs, WINDOW_TICKS_MAX),
    read(nowUs - 2 * WINDOW_US, nowUs - WINDOW_US, WINDOW_TICKS_MAX),
  ]);
  const of = (group: Group): MeasuredTick[] => ticks.filter(({ contract }) => GROUPS[contract.type] === group);
  return {
    avg_toxicity: {
      futures: averageOf(of('futures')),
      calls: averageOf(of('calls')),
      puts: averageOf(of('puts')),
      overall: averageOf(ticks),
    },
    high_toxicity_events: highest(ticks),
    toxicity_trend: trendOf(ticks),
    ranked_instruments: ranked(recent, earlier),
    metadata: {
      ticks_analyzed: ticks.length,
      limit_requested: limit,
      futures_ticks: of('futures').length,
      calls_ticks: of('calls').length,
      puts_ticks: of('puts').length,
    },
  };
}

async function todaysContracts(underlying: string) {
  const { db, nowMs } = services();
  const nowUs = nowMs() * 1000;
  const today = formatIstDate(nowUs);
  const dayUs = istMidnightUs(today);
  const fromUs = new TradingHours(knownHours().hours, 'NFO').startBefore(nowUs);
  return { nowUs, dayUs, fromUs, contracts: await contractDays(db, { underlying, today, dayUs, fromUs }) };
}

function measured(contracts: readonly ContractDay[], ticks: readonly ContractTick[]): MeasuredTick[] {
  const byId = new Map(contracts.map((contract) => [contract.instrumentId, contract]));
  return ticks.flatMap((tick) => {
    const contract = byId.get(tick.instrumentId);
    if (!contract) return [];
    const { volumeDelta, priceDelta, bidDepth, askDepth } = tick;
    const moves = {
      volumeDelta,
      priceDelta: priceDelta ?? ABSENT,
      bidDepth: bidDepth ?? ABSENT,
      askDepth: askDepth ?? ABSENT,
    };
    return [{ ...tick, contract, toxicity: tickToxicity(moves, contract.priceScale) }];
  });
}

const metricsOf = ({ consumptionRate, flowIntensity, depthToxicity, kyleLambda }: TickToxicity) => ({
  consumption_rate: orNull(consumptionRate),
  flow_intensity: orNull(flowIntensity),
  depth_toxicity: orNull(depthToxicity),
  kyle_lambda: orNull(kyleLambda),
});

const meanOf = (ticks: readonly MeasuredTick[]): TickToxicity =>
  meanOfToxicities(ticks.map(({ toxicity }) => toxicity));

const averageOf = (ticks: readonly MeasuredTick[]): Toxicity['avg_toxicity']['overall'] => ({
  ...metricsOf(meanOf(ticks)),
  count: ticks.length,
});

/** Of the tenth with the highest kyle_lambda the first 20. */
function highest(ticks: readonly MeasuredTick[]): Toxicity['high_toxicity_events'] {
  const known = ticks
    .filter(({ toxicity }) => isPresent(toxicity.kyleLambda))
    .sort((a, b) => b.toxicity.kyleLambda - a.toxicity.kyleLambda || b.stampUs - a.stampUs);
  return known
    .slice(0, Math.min(SHOWN_MAX, Math.ceil(known.length / 10)))
    .map(({ stampUs, lastPrice, volumeDelta, aggressor, contract, toxicity }) => ({
      time: inIst(stampUs),
      kyle_lambda: toxicity.kyleLambda,
      depth_toxicity: toxicity.depthToxicity,
      flow_intensity: toxicity.flowIntensity,
      price: lastPrice / contract.priceScale,
      cvd_change: signed(volumeDelta, aggressor),
      type: KINDS[contract.type],
    }));
}

/** The newer half of the ticks against the older one, in the order of time. @param ticks newest first */
function trendOf(ticks: readonly MeasuredTick[]): Toxicity['toxicity_trend'] {
  const half = Math.floor(ticks.length / 2);
  const recent = orNull(meanOf(ticks.slice(0, half)).kyleLambda);
  const previous = orNull(meanOf(ticks.slice(half)).kyleLambda);
  const change = recent === null || previous === null ? null : recent - previous;
  const isStable = change === null || Math.abs(change) <= TREND_MIN;
  return {
    direction: isStable ? 'STABLE' : change > 0 ? 'INCREASING' : 'DECREASING',
    recent_avg: recent,
    previous_avg: previous,
    change,
  };
}

/** Contracts that traded within the last five minutes, by their mean kyle_lambda in them, highest first. */
function ranked(recent: readonly MeasuredTick[], earlier: readonly MeasuredTick[]): Toxicity['ranked_instruments'] {
  const [now, before] = [byContract(recent), byContract(earlier)];
  return [...now.values()]
    .map((ticks) => ({ ticks, newest: ticks[0] as MeasuredTick, mean: meanOf(ticks) }))
    .sort((a, b) => b.mean.kyleLambda - a.mean.kyleLambda)
    .slice(0, SHOWN_MAX)
    .map(({ ticks, newest, mean }, i) => {
      const { contract, stampUs, lastPrice } = newest;
      const meanBefore = meanOf(before.get(contract.instrumentId) ?? []).kyleLambda;
      const change = isPresent(mean.kyleLambda) && isPresent(meanBefore) ? mean.kyleLambda - meanBefore : null;
      const isFlat = change === null || Math.abs(change) <= INSTRUMENT_TREND_MIN;
      return {
        rank: i + 1,
        trading_symbol: contract.symbol,
        instrument_type: contract.type,
        strike: contract.strike === null ? null : contract.strike / contract.priceScale,
        expiry: contract.expiry,
        ...metricsOf(mean),
        price: lastPrice / contract.priceScale,
        trend: isFlat ? '→' : change > 0 ? '↑' : '↓',
        trend_change: change,
        cvd_change: ticks.reduce((sum, { volumeDelta, aggressor }) => sum + signed(volumeDelta, aggressor), 0),
        last_updated: inIst(stampUs),
      };
    });
}

function byContract(ticks: readonly MeasuredTick[]): Map<number, MeasuredTick[]> {
  const groups = new Map<number, MeasuredTick[]>();
  for (const tick of ticks) {
    const group = groups.get(tick.instrumentId);
    if (group) group.push(tick);
    else groups.set(tick.instrumentId, [tick]);
  }
  return groups;
}
