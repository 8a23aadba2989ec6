/** Peers that are known at once */
export const MAX_PEERS = 10_000

/** Addresses of a peer: as many as go-libp2p keeps of one (9cfe2cc0) */
export const MAX_ADDRESSES = 64

/** Addresses of a peer that pins keep, also where the user, the configuration or the peer's signature names more than there is room for */
export const MAX_PINNED = 32

/** Addresses of a peer that one other peer stands for */
export const MAX_BY_REPORTER = 8

/** Addresses of a peer that the DHT stands for: in libp2p nothing limits what one response says */
export const MAX_BY_DHT = 16

/** Reasons to believe one address */
export const MAX_EVIDENCE = 16

/** Addresses that are kept when the last connection to a peer ends, beside those that are pinned or user-given: as go-libp2p does */
export const MAX_DISCONNECTED = 20

/** Addresses of a peer that it was seen to connect from: one that is behind a NAT has another port each time */
export const MAX_OBSERVED = 4

/** The part of a book that one reporter can fill with peers that are known by hearsay alone */
export const REPORTER_PART = 0.1

/** Peers that one reporter can have in the smallest book */
export const MIN_BY_REPORTER = 64

/** The part of a book that peers of the user and of the configuration keep for good */
export const MAX_CONFIGURED_PART = 0.5

/** The part of a book that pinned peers keep */
export const MAX_PINNED_PART = 0.25
