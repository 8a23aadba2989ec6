import { Schedule } from '../attempts/schedule.ts'
import { LingeringDials } from './lingering.ts'
import type { Connection } from '@libp2p/interface'
import type { Attempts } from '../attempts/attempts.ts'
import type { Caller } from './caller.ts'
import type { PendingDial } from './pending-dial.ts'
import type { ReadOptions } from './pipelines.ts'
import type { ParsedTarget } from './target.ts'
import type { TracedDial } from './traced-dial.ts'

/** Gets the events of pending dials */
export interface DialWatcher {
  added (): void
  active (): void
  /** Called when a dial is not pending any more */
  settled (dial: PendingDial, outcome: DialOutcome): void
}

export type DialOutcome = { readonly connection: Connection } | { readonly error: unknown }

/** The dials of a node that have not ended: queued, running, and joinable ones */
export class DialRegister {
  /** Dials that callers wait for, in FIFO order */
  readonly pending = new Set<PendingDial>()
  /** Dials whose pipeline has not ended. A lingering dial is among them after its callers have their connection */
  readonly running = new Set<PendingDial>()
  watcher?: DialWatcher
  /** Decides which queued dial runs next */
  readonly schedule: Schedule<PendingDial>
  /** The latest dials that have ended with all of their attempts, newest last */
  readonly recent: TracedDial[] = []
  readonly lingering: LingeringDials
  readonly #attempts: Attempts
  readonly #traces: number
  /** Pending dials by join key, then by target */
  readonly #joinable = new Map<string, Map<string, PendingDial>>()
  /** Pending dials that had kin when they were made: `maxDialQueueLength` does not count them */
  readonly #extra = new Set<PendingDial>()
  readonly #onIdle = new Set<() => void>()

  /**
   * @param max maximum number of running dials, and of lingering ones
   * @param begin called when a dial's turn has come
   * @param traces number of ended dials to keep
   */
  constructor (max: number, attempts: Attempts, begin: (dial: PendingDial) => void, traces = 64) {
    this.schedule = new Schedule(max, begin)
    this.lingering = new LingeringDials(max)
    this.#attempts = attempts
    this.#traces = traces
  }

  get pendingRuns (): number {
    return Array.from(this.running).filter(dial => this.pending.has(dial)).length
  }

  /** Number of pending dials as libp2p's own dialer counts them: see `kin()` */
  get queueLength (): number { return this.pending.size - this.#extra.size }

  /** Number of pending dials that run, of queued dials, and of lingering dials */
  get usage (): { readonly running: number, readonly waiting: number, readonly lingering: number } {
    const { pendingRuns: running } = this

    return { running, waiting: this.pending.size - running, lingering: this.lingering.size }
  }

  /** Returns the pending dial that a caller can join: same join key, and same peer or, without a peer, the same set of addresses */
  find (requested: ParsedTarget, joinKey: string): PendingDial | undefined {
    return this.#joinable.get(joinKey)?.get(targetKeyOf(requested))
  }

  add (dial: PendingDial, caller: Caller): void {
    const isNew = !this.pending.has(dial)
    dial.add(caller)
    this.pending.add(dial)
    const joinable = this.#joinable.get(dial.joinKey) ?? new Map<string, PendingDial>()
    this.#joinable.set(dial.joinKey, joinable)
    joinable.set(targetKeyOf(caller.requested), dial)

    const kin = this.#kinOf(dial)
    kin.forEach(one => { one.learn(caller.requested.multiaddrs, dial.isOfPeer) })

    if (isNew && kin.length > 0) {
      this.#extra.add(dial)
    }

    // the addition is reported last, because a listener may end the dial
    if (isNew) {
      this.watcher?.added()
    }
  }

  /** Adds the addresses of a dial's kin to a dial that has begun */
  shareAddresses (dial: PendingDial): void {
    this.#kinOf(dial).forEach(kin => { dial.learn(kin.run?.target.current.multiaddrs ?? kin.multiaddrs, kin.isOfPeer) })
  }

  /**
   * Returns the pending dials that libp2p's own dialer would join: they have the same target, and differ only in the connections that they accept. So
   * each uses the addresses of all, and they count as one. Dials with another policy share nothing
   */
  kin (requested: ParsedTarget, joinKey: string): PendingDial[] {
    const key = joinKey.replace(END, '')

    return ENDS.flatMap(end => this.#joinable.get(`${key}${end}`)?.get(targetKeyOf(requested)) ?? [])
  }

  #kinOf (dial: PendingDial): PendingDial[] {
    return this.#joinable.size === 1 ? [] : this.kin(dial.requested, dial.joinKey).filter(one => one !== dial)
  }

  /** Queues a dial. A nested dial begins at once and takes no turn, because a running attempt waits for it */
  enqueue (dial: PendingDial): void {
    // a listener of the queue may have ended the dial, or joined it while it began
    if (!this.pending.has(dial) || this.running.has(dial)) {
      return
    }

    this.schedule.add(dial, dial.isNested)

    // the dial is queued. A dial that was joined keeps its peer id, because it may be joined again
    if (dial.callers.size === 1 && this.pending.has(dial) && !this.running.has(dial)) {
      dial.requested.shrink()
    }
  }

  /** Raises the priority of a dial and of its nested dials. The recursion is a few levels deep */
  raisePriority (dial: PendingDial, priority: number): void {
    if (priority > dial.priority) {
      this.schedule.raisePriority(dial, priority)
      this.#attempts.raisePriority(dial)
      this.running.forEach(nested => {
        if (isMadeFor(nested, dial)) {
          this.raisePriority(nested, priority)
        }
      })
    }
  }

  began (dial: PendingDial): void {
    this.running.add(dial)
    this.watcher?.active()
  }

  /** Removes a dial from the pending ones. No caller can join it any more, and another dial may run in its place */
  settled (dial: PendingDial, outcome: DialOutcome): void {
    const wasPending = this.#remove(dial)
    this.#checkIdle()

    if (wasPending) {
      this.watcher?.settled(dial, outcome)
    }
  }

  /** Removes a queued dial. Calls a function that moves its callers to other dials */
  replace (dial: PendingDial, giveOthers: () => void): void {
    this.#remove(dial)
    giveOthers()
    this.#checkIdle()
  }

  set max (max: number) {
    this.schedule.max = max
    this.lingering.max = max
  }

  /** Removes a dial that has ended with all of its attempts, and keeps its trace if it ran */
  ended (dial: PendingDial): void {
    this.running.delete(dial)

    if (dial.run != null && this.#traces > 0 && this.recent.push(dial.traced) > this.#traces) {
      this.recent.shift()
    }

    this.#checkIdle()
  }

  /** Returns whether a dial has made a connection that it has neither yielded nor discarded yet */
  isUndecided (connection: Connection): boolean {
    return [...this.running].some(({ run }) => run?.unclaimed.includes(connection) === true)
  }

  /** Resolves when no dial is pending or running */
  async idle (): Promise<void> {
    if (this.pending.size > 0 || this.running.size > 0) {
      await new Promise<void>(resolve => { this.#onIdle.add(resolve) })
    }
  }

  #remove (dial: PendingDial): boolean {
    const wasPending = this.pending.delete(dial)
    this.#extra.delete(dial)
    const joinable = this.#joinable.get(dial.joinKey)
    const key = targetKeyOf(dial.requested)

    if (joinable?.get(key) === dial) {
      joinable.delete(key)
    }

    if (joinable?.size === 0) {
      this.#joinable.delete(dial.joinKey)
    }

    // the dial leaves the schedule last, because that begins the next dial
    this.schedule.delete(dial)

    return wasPending
  }

  #checkIdle (): void {
    if (this.pending.size === 0 && this.running.size === 0) {
      this.#onIdle.forEach(resolve => { resolve() })
      this.#onIdle.clear()
    }
  }
}

/** Returns whether an attempt of `dial` waits for the nested dial */
function isMadeFor ({ callers }: PendingDial, dial: PendingDial): boolean {
  return [...callers].some(({ madeFor }) => madeFor != null && [...madeFor.dials].includes(dial))
}

/** Returns a key of the target. Addresses without a peer id may lead to different peers, so their whole set is the key */
function targetKeyOf ({ peer, multiaddrs }: ParsedTarget): string {
  return peer ?? [...new Set(multiaddrs.map(String))].toSorted().join(' ')
}

/**
 * Returns a key that is equal for dials which may be joined, if their target is the same
 *
 * @param isOfRelay whether the dial connects to the relay of an address
 * @param inherited the key of the policy that a nested dial inherits
 */
export function joinKeyOf ({ options, key }: ReadOptions, isOfRelay = false, inherited?: string): string {
  const { force, initiator, runOnLimitedConnection } = options

  return `${key}${initiator === false ? ' responder' : ''}${isOfRelay ? ' relay' : ''}${inherited == null ? '' : ` for ${inherited}`}${force === true ? ' force' : ''}${runOnLimitedConnection === true ? ' limited' : ''}`
}

/** The ends of join keys, which say what connections a dial accepts */
const ENDS = ['', ' force', ' limited', ' force limited']
const END = /(?: force)?(?: limited)?$/
