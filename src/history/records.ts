import { Bounded } from '../pipeline/bounded.ts'
import { WRONG_PEER_TIME } from '../pipeline/dial-components.ts'
import { Outcomes } from './statistics.ts'
import type { LogMean } from './statistics.ts'
import type { Failure } from '../pipeline/failure.ts'
import type { PathRecord } from '../pipeline/types.ts'

/** The half-life of observations of addresses and peers, in milliseconds */
export const LONG = 6 * 3_600_000

/** The half-life where all can change at once: of path classes and prefixes */
export const SHORT = 10 * 60_000

export class AddressRecord {
  readonly outcomes = new Outcomes(LONG)
  /** The part of the outcomes that its prefix, path class and peer have counted: at most one success and one failure */
  readonly propagated = new Outcomes(SHORT)
  roundTrip?: LogMean
  connect?: LogMean
  /** Failures in a row since the peer's connection with the number `connections`. Later connections make them obsolete */
  failures = 0
  connections = 0
  failedAt = 0
  failure?: Failure

  /** Returns whether another peer has answered at the address, too recently to be expired */
  isOfWrongPeer (now: number): boolean {
    return this.failure === 'wrong-peer' && now - this.failedAt < WRONG_PEER_TIME
  }

  /** Records the cause of a failure. A further failure in a row neither disproves nor prolongs a wrong-peer failure */
  blame (failure: Failure, isFurther: boolean, now: number): void {
    if (failure === 'wrong-peer' || !isFurther || !this.isOfWrongPeer(now)) {
      this.failure = failure
      this.failedAt = now
    }
  }

  copy (): AddressRecord {
    const { outcomes, propagated, roundTrip, connect } = this

    return Object.assign(new AddressRecord(), this, { outcomes: outcomes.copy(), propagated: propagated.copy(), roundTrip: roundTrip?.copy(), connect: connect?.copy() })
  }
}

export class ClassOutcomes extends Outcomes {
  readonly pathClass: string

  constructor (pathClass: string) {
    super(LONG)
    this.pathClass = pathClass
  }

  override copy (): ClassOutcomes {
    return Object.assign(new ClassOutcomes(this.pathClass), this)
  }
}

const NO_CLASSES: readonly ClassOutcomes[] = []

export class PeerRecord {
  readonly online = new Outcomes(LONG)
  /** The part of the outcomes that its sources have counted: at most one success and one failure. Undefined: none */
  propagated?: Outcomes
  /** The outcomes of its addresses by path class: a working IPv4 must not hide a broken IPv6. Most peers have one or two */
  classes: readonly ClassOutcomes[] = NO_CLASSES
  connections = 0
  connectedAt = -Infinity

  ofClass (pathClass: string): ClassOutcomes | undefined {
    return this.classes.find(one => one.pathClass === pathClass)
  }

  makeClass (pathClass: string): ClassOutcomes {
    const known = this.ofClass(pathClass)

    if (known != null) {
      return known
    }

    const made = new ClassOutcomes(pathClass)
    // push() would reserve 16 more slots, for each of 10,000 peers
    this.classes = this.classes.concat(made)

    return made
  }

  copy (): PeerRecord {
    const { online, propagated, classes } = this

    return Object.assign(new PeerRecord(), this, { online: online.copy(), propagated: propagated?.copy(), classes: classes.map(one => one.copy()) })
  }
}

/** The observations of a prefix, a path class, a network or a source. A network has only round-trip times, and a source only outcomes */
export class GroupRecord {
  readonly outcomes: Outcomes
  roundTrip?: LogMean

  constructor (halfLife = SHORT) {
    this.outcomes = new Outcomes(halfLife)
  }

  copy (): GroupRecord {
    return Object.assign(new GroupRecord(), { outcomes: this.outcomes.copy(), roundTrip: this.roundTrip?.copy() })
  }
}

/** The maximum number of prefixes that are kept apart in a path kind */
const MAX_PREFIXES = 256

/** The outcomes of public addresses of one path kind. Each prefix counts once */
export class KindRecord {
  readonly outcomes = new Outcomes(SHORT)
  /** The part of the outcomes that comes from each prefix: at most one success and one failure */
  readonly propagated = new Bounded<Outcomes>(MAX_PREFIXES)
  /** The prefixes that were silent, or had no route, since the last answer */
  readonly silent = new Set<string>()

  copy (): KindRecord {
    const copied = Object.assign(new KindRecord(), { outcomes: this.outcomes.copy(), silent: new Set(this.silent) })

    for (const [prefix, propagated] of this.propagated) {
      copied.propagated.set(prefix, propagated.copy())
    }

    return copied
  }

  /** Returns the counts at a time, with the number of silent prefixes as the failures in a row */
  path (now: number): PathRecord {
    return { ...this.outcomes.counts(now), failuresInARow: this.silent.size }
  }

  answered (prefix: string, now: number): void {
    this.outcomes.add(this.#propagatedBy(prefix).raiseTo('successes', 1, now), 0, now)

    if (this.silent.size > 0) {
      this.silent.clear()
    }
  }

  failed (prefix: string, now: number): void {
    this.outcomes.add(0, this.#propagatedBy(prefix).raiseTo('failures', 1, now), now)

    if (this.silent.size < MAX_PREFIXES) {
      this.silent.add(prefix)
    }
  }

  #propagatedBy (prefix: string): Outcomes {
    return this.propagated.renew(prefix, () => new Outcomes(SHORT))
  }
}

export interface RecordsByLevel {
  addresses: AddressRecord
  peers: PeerRecord
  prefixes: GroupRecord
  classes: GroupRecord
  sources: GroupRecord
  kinds: KindRecord
}

export type Level = keyof RecordsByLevel
