/** Why a feed has a hole. The words in rows, messages and screens. */
export const GAP_CAUSES = {
  /** The connection was closed or reset by the other end. */
  disconnected: 'disconnected',
  /** The connection stood, and nothing came over it. */
  silent: 'silent',
  /** The broker refused the token, or it has expired. */
  auth: 'auth',
  /** The broker refused: too many connections or requests. */
  limit: 'limit',
  /** The broker could not be reached. */
  network: 'network',
  /** Our collector was not running. */
  collector_down: 'collector_down',
  /** Frames came and could be kept nowhere: neither journal nor stream took them. */
  discarded: 'discarded',
  /** Another set of instruments was asked for. */
  resubscribed: 'resubscribed',
  /** The exchange had no session: there was nothing to miss. */
  market_closed: 'market_closed',
} as const;

export type GapCause = keyof typeof GAP_CAUSES;
