import type { PrefixSlots, PrefixSlotTaker } from './prefix-slots.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

/** A dial, as the limits of its attempts see it. A WeakMap beside it would keep each dial alive until the next major garbage collection */
export interface SpeculatingDial {
  /** Attempts of the dial that have not failed, including those that wait for slots */
  readonly attempts: Set<SlotTaker>
  /** Whether all attempts of the dial are speculative */
  isDemoted: boolean
  /** Time at which an attempt of the dial first had a slot, in milliseconds since the epoch */
  slotAt?: number
}

/** An attempt that takes slots on behalf of its dials */
export interface SlotTaker {
  readonly dials: readonly SpeculatingDial[]
  isInFlight: boolean
  readonly connection?: Connection
}

/** A limited resource that an attempt takes before it begins, and releases when it has ended */
export interface Gate {
  /** Whether tickets wait here for other attempts of their own peer or dial. Such a ticket may be asked to leave its prefix slots meanwhile */
  readonly isOwnWait?: boolean
  /** Calls `ticket.pass()`, now or when the ticket's turn comes */
  enter (ticket: Ticket): void
  /** Releases what the ticket holds here, or removes it from the queue */
  leave (ticket: Ticket): void
  /** Raises the priority of a ticket that may wait here. Default: the queue is FIFO */
  raisePriority? (ticket: Ticket, priority: number): void
}

export interface TicketInit {
  readonly peer: string
  readonly transport: string
  /** The network prefixes of the slots of the ticket, sorted so that two tickets cannot deadlock. Empty: the ticket takes no prefix slot */
  readonly prefixes: readonly string[]
  /** The id of the dial that asked first. The attempts of a nested dial are counted by it */
  readonly dial: string
  /** Represents the attempt in the `attempts` of its dials */
  readonly taker: SlotTaker
  /** Whether an earlier attempt of this dial at the address has given its prefix slots up to waiting attempts */
  readonly hasLeftPrefixSlots: boolean
  /** Read again at each gate, because it may have been raised */
  readonly priority: number
  /** Milliseconds that the ticket keeps its prefix slots without a response when other attempts wait for them */
  readonly prefixSlotTime: number
  /** Whether the attempt itself allows that its prefix slots are taken from it */
  readonly mayLeavePrefixSlots: boolean
  /** Called when the ticket has to wait for a prefix slot */
  onHeld (): void
  /** Called when the ticket has its slots, and waits for a turn of the event loop */
  onSlot (): void
  /** Called once, when the ticket has passed all gates */
  onGranted (): void
  /** Called when the attempt loses its prefix slots after it began. The attempt has to end and to begin again */
  onPrefixSlotsLeft (): void
}

export interface TicketHost {
  readonly clock: Clock
  readonly prefixSlots: Pick<PrefixSlots, 'leave' | 'review'>
  /**
   * Returns the gates of a ticket, in order
   *
   * @param prefixSlots the gates of its prefix slots
   * @param isCharged whether another attempt holds the slots for this one: fewer gates are left then
   */
  gatesFor (ticket: Ticket, prefixSlots: readonly Gate[], isCharged: boolean): readonly Gate[]
  onWait (ticket: Ticket, gate: Gate): void
}

const NONE: readonly Gate[] = []

/** Leads one attempt through the gates, in order. A ticket holds what it has taken until `end()` */
export class Ticket implements PrefixSlotTaker {
  priority: number
  readonly init: TicketInit
  readonly isReturning: boolean
  readonly #prefixSlots: readonly Gate[]
  #isCharged = false
  #isFreed = false
  #gates = NONE
  #passed = 0
  /** Whether a gate is being entered. An end or a restart is deferred until `enter()` has returned */
  #isEntering = false
  /** Whether the gate that is being entered has already let the ticket pass */
  #mayGoOn = false
  #isRestarting = false
  #hasBegun = false
  #isOver = false
  /** Whether the ticket has held its prefix slots for `prefixSlotTime`. Other attempts may take them then */
  #isLate = false
  #cancelTime?: () => void
  readonly #host: TicketHost

  constructor (init: TicketInit, prefixSlots: readonly Gate[], host: TicketHost) {
    this.init = init
    this.isReturning = init.hasLeftPrefixSlots
    this.priority = init.priority
    this.#prefixSlots = prefixSlots
    this.#host = host
  }

  begin (): void {
    this.#passed = 0
    this.#gates = this.#host.gatesFor(this, this.#isFreed ? NONE : this.#prefixSlots, this.#isCharged)
    this.#advance()
  }

  /** Lets the ticket pass its current gate. Called by the gate */
  pass (): void {
    if (this.#isEntering) {
      this.#mayGoOn = true
    } else {
      this.#passed++
      this.#advance()
    }
  }

  /** Moves the ticket to the few gates of a nested dial: the outer attempt holds the slots for both */
  charge (): void {
    if (!this.#isCharged) {
      this.#isCharged = true
      this.#restart()
    }
  }

  /** Stops waiting for prefix slots, because a trusted source has named the address. Prefix slots that the ticket holds stay taken */
  free (): void {
    this.#isFreed = true

    // the gates after the prefix slots are still needed, so a ticket that waits there goes on waiting
    if (this.#prefixSlots.includes(this.#gates[this.#passed] as Gate)) {
      this.#restart()
    }
  }

  raisePriority (priority: number): void {
    if (priority > this.priority && !this.#hasBegun) {
      this.#gates[this.#passed]?.raisePriority?.(this, priority)
    }

    this.review()
  }

  /** Asks the holders of prefix slots in the ticket's networks to leave, as far as other tickets wait for them */
  review (): void {
    this.init.prefixes.forEach(prefix => { this.#host.prefixSlots.review(prefix) })
  }

  /** Releases the prefix slots, because the remote has responded. The attempt goes on */
  releasePrefixSlots (): void {
    this.init.prefixes.forEach(prefix => { this.#host.prefixSlots.leave(prefix, this) })
  }

  get mayLeave (): boolean {
    return this.#isLate && !this.#isOver && !this.#isFreed && (this.#hasBegun || this.#gates[this.#passed]?.isOwnWait === true) && this.init.mayLeavePrefixSlots
  }

  /** Leaves the prefix slots to other attempts. A ticket that has not begun waits for its prefix slots again */
  leave (): void {
    if (this.#hasBegun) {
      this.init.onPrefixSlotsLeft()
    } else {
      this.#restart()
    }
  }

  onPrefixSlot (): void {
    this.#cancelTime?.()
    this.#isLate = false
    this.#cancelTime = this.#host.clock.setTimeout(() => {
      this.#isLate = true
      this.review()
    }, this.init.prefixSlotTime)
  }

  end (): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.#cancelTime?.()
      this.#release()
    }
  }

  #advance (): void {
    while (!this.#isOver && this.#passed < this.#gates.length) {
      this.priority = this.init.priority
      this.#mayGoOn = false
      this.#isEntering = true
      const gate = this.#gates[this.#passed] as Gate
      gate.enter(this)
      this.#isEntering = false

      if (this.#isOver) {
        this.#release()
      } else if (this.#isRestarting) {
        this.#restart()

        return
      } else if (!this.#mayGoOn) {
        this.#host.onWait(this, gate)

        return
      }

      this.#passed++
    }

    if (!this.#isOver && !this.#hasBegun) {
      this.#hasBegun = true

      if (this.init.prefixes.length > 0) {
        this.onPrefixSlot()
      }

      this.init.onGranted()
    }
  }

  #restart (): void {
    this.#isRestarting = this.#isEntering

    if (!this.#isOver && !this.#isEntering && !this.#hasBegun && this.#gates.length > 0) {
      this.#release()
      this.begin()
    }
  }

  /** Releases the gate that the ticket waits at before the gates that it has passed: a release may let other tickets pass, and this one too */
  #release (): void {
    if (!this.#isEntering) {
      const held = this.#gates.slice(0, this.#passed + 1)
      this.#gates = NONE
      held.toReversed().forEach(gate => { gate.leave(this) })
    }
  }
}
