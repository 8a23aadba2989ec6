export const MAX_PEERS = 10_000

/** The maximum number of addresses of a peer, like go-libp2p (9cfe2cc0) */
export const MAX_ADDRESSES = 64

/** The number of pinned addresses of a peer that are never evicted, not even for configured or signed ones */
export const MAX_PINNED = 32

/** The maximum number of addresses of a peer that one other peer reports */
export const MAX_BY_REPORTER = 8

/** The maximum number of addresses of a peer that the DHT reports: libp2p does not limit a response */
export const MAX_BY_DHT = 16

/** The maximum number of reports of an address */
export const MAX_REPORTS = 16

/** The maximum number of addresses of a peer after its last connection, besides pinned and configured ones, like go-libp2p */
export const MAX_DISCONNECTED = 20

/** The maximum number of addresses of a peer from which it has connected: behind a NAT the port changes each time */
export const MAX_OBSERVED = 4

/** The share of a book that one reporter can fill with peers known by hearsay alone */
export const REPORTER_PART = 0.1

/** The number of peers that one reporter can add by hearsay even to a small book */
export const MIN_BY_REPORTER = 64

/** The share of a book that configured peers can keep */
export const MAX_CONFIGURED_PART = 0.5

/** The share of a book that pinned peers can keep */
export const MAX_PINNED_PART = 0.25
