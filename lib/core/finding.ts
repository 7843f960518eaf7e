/** What was found about a thing, in three grades: of the rehearsal's checks and of what people are told. */
export type Grade = 'ok' | 'warn' | 'fail';

/** One check of the morning rehearsal. */
export interface Check {
  /** Names it for metrics and tests: `token_kite`, `disk`. */
  readonly name: string;
  /** Names it for a person. */
  readonly title: string;
  readonly result: Grade;
  /** What was found, and where something is wrong, what to do. */
  readonly words: string;
  /** Path of the page where it can be put right; null where no page can. */
  readonly link: string | null;
}

const GRADES: readonly Grade[] = ['ok', 'warn', 'fail'];

/** The worst of them; ok where there are none. */
export const worst = (grades: readonly Grade[]): Grade =>
  GRADES[Math.max(0, ...grades.map((grade) => GRADES.indexOf(grade)))] as Grade;
