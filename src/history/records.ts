import { Bounded } from '../pipeline/bounded.ts'
import { Evidence } from './evidence.ts'
import type { Failure } from './failure.ts'
import type { LogMean } from './log-mean.ts'

/** Of addresses and peers, in milliseconds */
export const LONG = 6 * 3_600_000

/** Of what can change for all at once: a path class, a prefix */
export const SHORT = 10 * 60_000

/** What came of attempts to one address */
export class AddressRecord {
  readonly evidence: Evidence
  /** How much of it its prefix, its path class and its peer were told: never more than one address's worth */
  readonly told: Evidence
  roundTrip?: LogMean
  /** The time until a connection */
  connect?: LogMean
  /** Since a connection to the peer: `connections` says which */
  failures = 0
  connections = 0
  failedAt = 0
  failure?: Failure

  constructor (evidence = new Evidence(LONG), told = new Evidence(SHORT)) {
    this.evidence = evidence
    this.told = told
  }

  copy (): AddressRecord {
    const { evidence, told, roundTrip, connect, ...rest } = this

    return Object.assign(new AddressRecord(evidence.copy(), told.copy()), rest, { roundTrip: roundTrip?.copy(), connect: connect?.copy() })
  }
}

/** What is known of one peer, whatever the address */
export class PeerRecord {
  readonly online: Evidence
  /** By path class, so that a broken IPv6 is not hidden by a good IPv4 */
  readonly classes: Map<string, Evidence>
  /** How many there were */
  connections = 0
  connectedAt = -Infinity

  constructor (online = new Evidence(LONG), classes = new Map<string, Evidence>()) {
    this.online = online
    this.classes = classes
  }

  copy (): PeerRecord {
    const { online, classes, connections, connectedAt } = this
    const copied = new Map(Array.from(classes, ([pathClass, evidence]) => [pathClass, evidence.copy()]))

    return Object.assign(new PeerRecord(online.copy(), copied), { connections, connectedAt })
  }
}

/** What came of attempts to the addresses of one prefix, or of one path class */
export class GroupRecord {
  readonly evidence: Evidence
  roundTrip?: LogMean

  constructor (evidence = new Evidence(SHORT)) {
    this.evidence = evidence
  }

  copy (): GroupRecord {
    return Object.assign(new GroupRecord(this.evidence.copy()), { roundTrip: this.roundTrip?.copy() })
  }
}

/** How many prefixes a kind remembers of each */
const MAX_PREFIXES = 256

/** Counts answers and silences of public addresses of one kind, each prefix once */
export class KindRecord {
  readonly evidence: Evidence
  /** How much of it each prefix has told */
  readonly told = new Bounded<Evidence>(MAX_PREFIXES)
  /** Prefixes that were silent, or had no route, since the last answer */
  readonly silent: Set<string>

  constructor (evidence = new Evidence(SHORT), silent = new Set<string>()) {
    this.evidence = evidence
    this.silent = silent
  }

  copy (): KindRecord {
    const copied = new KindRecord(this.evidence.copy(), new Set(this.silent))

    for (const [prefix, told] of this.told) {
      copied.told.set(prefix, told.copy())
    }

    return copied
  }

  answered (prefix: string, now: number): void {
    const { successes } = this.#toldBy(prefix).raise(1, 0, now)
    this.evidence.add(successes, 0, now)
    this.silent.clear()
  }

  failed (prefix: string, now: number): void {
    const { failures } = this.#toldBy(prefix).raise(0, 1, now)
    this.evidence.add(0, failures, now)

    if (this.silent.size < MAX_PREFIXES) {
      this.silent.add(prefix)
    }
  }

  #toldBy (prefix: string): Evidence {
    return this.told.renew(prefix, () => new Evidence(SHORT))
  }
}
