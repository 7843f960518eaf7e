/**
 * Search over all instruments by words, anywhere in their line. One text, gone through by the runtime's own search: 100,000
 * lines are 6 MB, which takes a few milliseconds; a word that many lines have ends sooner, as the lines stand in order of interest.
 */
export class InstrumentSearch {
  private readonly text: string;
  /** Where each line begins; one more at the end. */
  private readonly starts: Uint32Array;
  private readonly rowOfId: ReadonlyMap<number, number>;

  /** @param lines upper case, the most interesting first: exchange, symbol, other words */
  constructor(
    private readonly ids: readonly number[],
    lines: readonly string[],
  ) {
    this.text = lines.join('\n');
    this.starts = new Uint32Array(lines.length + 1);
    let at = 0;
    lines.forEach((line, row) => {
      this.starts[row] = at;
      at += line.length + 1;
    });
    this.starts[lines.length] = at;
    this.rowOfId = new Map(ids.map((id, row) => [id, row]));
  }

  get size(): number {
    return this.ids.length;
  }

  /**
   * Ids of the lines that hold every word of `search`.
   *
   * @param first those of these ids that match come first, in their order
   * @returns at most `limit`; after `first` those whose symbol begins with the first word, then the others, each in their order
   */
  find(search: string, first: readonly number[], limit: number): number[] {
    const words = wordsOf(search);
    const found = this.filter(search, first);
    const taken = new Set(found);
    const candidates = this.scan(words).filter((row) => !taken.has(this.ids[row] as number));
    const near = new Map(candidates.map((row) => [row, this.distance(row, words[0] ?? '')]));
    candidates.sort((a, b) => (near.get(a) as number) - (near.get(b) as number) || a - b);
    return [...found, ...candidates.map((row) => this.ids[row] as number)].slice(0, limit);
  }

  /** Those of these ids that stand here, in the order of the lines. */
  inOrder(ids: readonly number[]): number[] {
    const rowOf = (id: number): number => this.rowOfId.get(id) as number;
    return ids.filter((id) => this.rowOfId.has(id)).sort((a, b) => rowOf(a) - rowOf(b));
  }

  /** Those of these ids whose line holds every word, in their order. */
  filter(search: string, ids: readonly number[]): number[] {
    const words = wordsOf(search);
    return ids.filter((id) => {
      const row = this.rowOfId.get(id);
      return row !== undefined && this.matches(row, words);
    });
  }

  /** Rows that match, from the first on, until there are enough to choose from. */
  private scan(words: readonly string[]): number[] {
    // The longest word is the rarest, as a rule.
    const [rarest = '', ...others] = words.toSorted((a, b) => b.length - a.length);
    const { text, starts } = this;
    const rows: number[] = [];
    let row = 0;
    let at = rarest === '' ? 0 : text.indexOf(rarest);
    while (at >= 0 && row < this.size && rows.length < CANDIDATES_MAX) {
      while ((starts[row + 1] as number) <= at) row += 1;
      if (this.matches(row, others)) rows.push(row);
      row += 1;
      if (row >= this.size) break;
      at = rarest === '' ? (starts[row] as number) : text.indexOf(rarest, starts[row]);
    }
    return rows;
  }

  private matches(row: number, words: readonly string[]): boolean {
    const line = this.line(row);
    return words.every((word) => line.includes(word));
  }

  private line(row: number): string {
    return this.text.slice(this.starts[row], (this.starts[row + 1] as number) - 1);
  }

  /** 0 where the symbol is the word, 1 where it begins with it, else 2. */
  private distance(row: number, word: string): number {
    const symbol = this.line(row).split(' ', 2)[1] ?? '';
    if (symbol === word) return 0;
    return symbol.startsWith(word) ? 1 : 2;
  }
}

/** More matches than this are not compared with each other: the search is not done yet. */
const CANDIDATES_MAX = 2000;

const wordsOf = (search: string): string[] =>
  search
    .toUpperCase()
    .split(/[\s:]+/)
    .filter(Boolean);
