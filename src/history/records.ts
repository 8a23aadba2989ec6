import { Bounded } from '../pipeline/bounded.ts'
import { Outcomes } from './averages.ts'
import type { LogMean } from './averages.ts'
import type { Failure } from './failure.ts'
import type { PathRecord } from '../pipeline/types.ts'

/** Of addresses and peers, in milliseconds */
export const LONG = 6 * 3_600_000

/** Of what can change for all at once: a path class, a prefix */
export const SHORT = 10 * 60_000

/** What came of attempts to one address */
export class AddressRecord {
  readonly outcomes: Outcomes
  /** How much of it its prefix, its path class and its peer were told: never more than one address's worth */
  readonly told: Outcomes
  roundTrip?: LogMean
  /** The time until a connection */
  connect?: LogMean
  /** Since a connection to the peer: `connections` says which */
  failures = 0
  connections = 0
  failedAt = 0
  failure?: Failure

  constructor (outcomes = new Outcomes(LONG), told = new Outcomes(SHORT)) {
    this.outcomes = outcomes
    this.told = told
  }

  copy (): AddressRecord {
    const { outcomes, told, roundTrip, connect, ...rest } = this

    return Object.assign(new AddressRecord(outcomes.copy(), told.copy()), rest, { roundTrip: roundTrip?.copy(), connect: connect?.copy() })
  }
}

/** What came of attempts to the addresses of one peer, of one path class */
export class ClassOutcomes extends Outcomes {
  readonly pathClass: string

  constructor (pathClass: string) {
    super(LONG)
    this.pathClass = pathClass
  }
}

const NO_CLASSES: readonly ClassOutcomes[] = []

/** What is known of one peer, whatever the address */
export class PeerRecord {
  readonly online: Outcomes
  /** How much of it the sources were told that stand for it: never more than one peer's worth. Undefined: nothing */
  told?: Outcomes
  /** By path class, so that a broken IPv6 is not hidden by a good IPv4. Most peers have one or two */
  classes: readonly ClassOutcomes[] = NO_CLASSES
  /** How many there were */
  connections = 0
  connectedAt = -Infinity

  constructor (online = new Outcomes(LONG)) {
    this.online = online
  }

  /** What is known of a path class */
  ofClass (pathClass: string): ClassOutcomes | undefined {
    return this.classes.find(one => one.pathClass === pathClass)
  }

  /** The same, or the place for it */
  makeClass (pathClass: string): ClassOutcomes {
    const known = this.ofClass(pathClass)

    if (known != null) {
      return known
    }

    const made = new ClassOutcomes(pathClass)
    // an array that grows has room for 16 more, and there are 10,000 peers
    this.classes = this.classes.concat(made)

    return made
  }

  copy (): PeerRecord {
    const { online, told, classes, connections, connectedAt } = this
    const copied = new PeerRecord(online.copy())
    classes.forEach(one => { Object.assign(copied.makeClass(one.pathClass), one) })

    return Object.assign(copied, { told: told?.copy(), connections, connectedAt })
  }
}

/** What came of attempts to the addresses of one prefix, of one path class, or of one network: of a network only the round trips are known */
export class GroupRecord {
  readonly outcomes: Outcomes
  roundTrip?: LogMean

  constructor (outcomes = new Outcomes(SHORT)) {
    this.outcomes = outcomes
  }

  copy (): GroupRecord {
    return Object.assign(new GroupRecord(this.outcomes.copy()), { roundTrip: this.roundTrip?.copy() })
  }
}

/** Whether the peers could be reached that one source stands for */
export class SourceRecord {
  readonly outcomes: Outcomes

  constructor (outcomes = new Outcomes(LONG)) {
    this.outcomes = outcomes
  }

  copy (): SourceRecord {
    return new SourceRecord(this.outcomes.copy())
  }
}

/** How many prefixes a kind remembers of each */
const MAX_PREFIXES = 256

/** Counts answers and silences of public addresses of one kind, each prefix once */
export class KindRecord {
  readonly outcomes: Outcomes
  /** How much of it each prefix has told */
  readonly told = new Bounded<Outcomes>(MAX_PREFIXES)
  /** Prefixes that were silent, or had no route, since the last answer */
  readonly silent: Set<string>

  constructor (outcomes = new Outcomes(SHORT), silent = new Set<string>()) {
    this.outcomes = outcomes
    this.silent = silent
  }

  copy (): KindRecord {
    const copied = new KindRecord(this.outcomes.copy(), new Set(this.silent))

    for (const [prefix, told] of this.told) {
      copied.told.set(prefix, told.copy())
    }

    return copied
  }

  /** What came of it until now */
  path (now: number): PathRecord {
    return { ...this.outcomes.counts(now), failuresInARow: this.silent.size }
  }

  answered (prefix: string, now: number): void {
    this.outcomes.add(this.#toldBy(prefix).raise('successes', 1, now), 0, now)

    if (this.silent.size > 0) {
      this.silent.clear()
    }
  }

  failed (prefix: string, now: number): void {
    this.outcomes.add(0, this.#toldBy(prefix).raise('failures', 1, now), now)

    if (this.silent.size < MAX_PREFIXES) {
      this.silent.add(prefix)
    }
  }

  #toldBy (prefix: string): Outcomes {
    return this.told.renew(prefix, newShortOutcomes)
  }
}

function newShortOutcomes (): Outcomes {
  return new Outcomes(SHORT)
}
