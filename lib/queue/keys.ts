/** Every Redis key there is. */
export const KEYS = {
  /** Stream of a feed's entries; ids are stamps. */
  stream: (feedName: string): string => `gehra:feed:${feedName}`,
  /** Hash: feed id → stamp up to which the database holds everything. */
  positions: 'gehra:positions',
  /** What a process says of itself, JSON, gone soon after it. */
  status: (process: string): string => `gehra:status:${process}`,
  /** What a process measures, JSON, gone soon after it. */
  metrics: (instance: string): string => `gehra:metrics:${instance}`,
  /** Sorted set: who has such a key, by when it was told last, ms. */
  metricsOf: 'gehra:metrics',
  /** Hash: kind of process → when one was heard of last, ms. */
  lastHeard: 'gehra:heard',
  /** When each instrument of a feed was last heard of (lib/queue/seen.ts), gone soon after its collector. */
  seen: (feedName: string): string => `gehra:seen:${feedName}`,
  /** Whose streams these are. */
  owner: 'gehra:owner',
  /** A login to a broker that was begun and not finished. */
  pendingLogin: (broker: string, nameHash: string): string => `gehra:login:${broker}:${nameHash}`,
  /** The predecessor's names for Kite's token. */
  kiteTokenCopy: {
    accessToken: 'access_token',
    kiteAccessToken: 'kite_access_token',
    kiteApiKey: 'kite_api_key',
    kiteUserProfile: 'kite_user_profile',
  },
  /** The predecessor's names for Dhan's token, for what it knew of an instrument, and for what its detectors said last. */
  dhanTokenCopy: { accessToken: 'dhan_access_token', expiry: 'dhan_token_expiry', clientName: 'dhan_client_name' },
  instrumentCopy: (token: string): string => `instrument:${token}`,
  signalState: (underlying: string, securityId: number): string => `signal_state:${underlying}:${securityId}`,
  /** Stream of signals. */
  signals: 'gehra:signals',
  /** Newest signal of an instrument, of any kind or of one, JSON, gone after a while. */
  latestSignal: (instrumentId: number, kind?: string): string =>
    `gehra:signal:${instrumentId}${kind === undefined ? '' : `:${kind}`}`,
} as const;
