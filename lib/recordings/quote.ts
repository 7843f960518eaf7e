/** What a broker says of an instrument beside its book. */
export class Quote {
  /** Price units; 0 before the first trade. */
  lastPrice = 0;
  lastQuantity = 0;
  /** Time of the last trade, µs since the epoch; 0 before the first. */
  lastTradeUs = 0;
  /** Units traded today. */
  volume = 0;
  /** Price units × units traded today. */
  turnover = 0;
  open = 0;
  high = 0;
  low = 0;
  /** Close of the session before. */
  previousClose = 0;
  /** Units that rest on each side, whole book. */
  buyQuantity = 0;
  sellQuantity = 0;
  oi = 0;
  oiDayHigh = 0;
  oiDayLow = 0;

  /** Price units, rounded; 0 before the first trade. */
  get averagePrice(): number {
    return this.volume > 0 ? Math.round(this.turnover / this.volume) : 0;
  }

  trade(price: number, quantity: number, us: number): void {
    this.price(price);
    this.lastQuantity = quantity;
    this.lastTradeUs = us;
    this.volume += quantity;
    this.turnover += price * quantity;
  }

  /** A new last price, as an index has it: no quantity behind it. */
  price(price: number): void {
    if (this.open === 0) {
      this.open = price;
      this.high = price;
      this.low = price;
    }
    this.lastPrice = price;
    this.high = Math.max(this.high, price);
    this.low = Math.min(this.low, price);
  }

  openInterest(oi: number): void {
    if (this.oiDayHigh === 0) this.oiDayLow = oi;
    this.oi = oi;
    this.oiDayHigh = Math.max(this.oiDayHigh, oi);
    this.oiDayLow = Math.min(this.oiDayLow, oi);
  }

  /** Begins a trading day: the last price becomes the previous close, and the day's sums begin anew. */
  startDay(): void {
    if (this.lastPrice > 0) this.previousClose = this.lastPrice;
    this.volume = 0;
    this.turnover = 0;
    this.open = 0;
    this.high = 0;
    this.low = 0;
    this.oiDayHigh = this.oi;
    this.oiDayLow = this.oi;
  }
}
