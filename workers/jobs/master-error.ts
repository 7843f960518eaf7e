/** An instrument dump that cannot be used, and why, in words for a person. */
export class MasterError extends Error {
  override readonly name = 'MasterError';
}
