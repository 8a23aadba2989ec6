import { Evidence } from './evidence.ts'
import type { Failure } from './failure.ts'
import type { LogMean } from './log-mean.ts'

/** Of addresses and peers, in milliseconds */
export const LONG = 6 * 3_600_000

/** Of what can change for all at once: a path class, a prefix */
export const SHORT = 10 * 60_000

/** What came of attempts to one address */
export class AddressRecord {
  readonly evidence = new Evidence(LONG)
  /** How much of it its prefix, its path class and its peer were told: never more than one address's worth */
  readonly told = new Evidence(SHORT)
  roundTrip?: LogMean
  /** The time until a connection */
  connect?: LogMean
  /** Since a connection to the peer: `connections` says which */
  failures = 0
  connections = 0
  failedAt = 0
  failure?: Failure
}

/** What is known of one peer, whatever the address */
export class PeerRecord {
  readonly online = new Evidence(LONG)
  /** By path class, so that a broken IPv6 is not hidden by a good IPv4 */
  readonly classes = new Map<string, Evidence>()
  /** How many there were */
  connections = 0
  connectedAt = -Infinity
}

/** What came of attempts to the addresses of one prefix, or of one path class */
export class GroupRecord {
  readonly evidence = new Evidence(SHORT)
  roundTrip?: LogMean
}

/** What came of attempts to public addresses of one kind */
export class KindRecord {
  readonly evidence = new Evidence(SHORT)
  failuresInARow = 0
}
