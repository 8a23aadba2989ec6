import type { PlaceTaker } from './places.ts'
import type { Connection } from '@libp2p/interface'

/** A dial, where its attempts are counted. The counts are the dial's own: in a WeakMap they would keep each dial alive until the next major collection */
export interface SpeculatingDial {
  /** Its attempts that have not failed, also those that wait */
  readonly attempts: Set<SlotTaker>
  /** All its attempts are speculative */
  isDemoted: boolean
  /** When an attempt of it had a slot first, in milliseconds since the epoch */
  slotAt?: number
}

/** An attempt that takes slots, for the dials that want it */
export interface SlotTaker {
  readonly dials: readonly SpeculatingDial[]
  isInFlight: boolean
  /** What the attempt gave */
  readonly connection?: Connection
}

/** Something scarce that an attempt takes before it begins, and gives back when it has ended */
export interface Gate {
  /** Whether the ticket may wait here without a place of its network being kept from others: it waits for its own peer or dial */
  readonly isOwnWait?: boolean
  /** Calls `ticket.pass()`, now or when its turn comes */
  enter (ticket: Ticket): void
  /** Takes back what the ticket was given, or its place in the line */
  leave (ticket: Ticket): void
  /** Moves the ticket forward, which may wait here, and gives it a higher priority. Default: nobody is before another */
  raise? (ticket: Ticket, priority: number): void
}

export interface TicketInit {
  readonly peer: string
  /** The tag of the transport */
  readonly transport: string
  /** Names the places of untrusted addresses, sorted: two tickets that wait for one another's would never end. None: no place is taken */
  readonly prefixes: readonly string[]
  /** Names the dial that the attempt is for: one that is made for others has few attempts at once */
  readonly dial: string
  /** Stands for the attempt where a dial's attempts are counted */
  readonly taker: SlotTaker
  /** Whether the dial has left the places before, for others */
  readonly hasLeftPlace: boolean
  /** Read anew at each gate: it may have been raised */
  readonly priority: number
  /** Whether the attempt may leave its places, as far as the attempt knows */
  readonly mayLeavePlace: boolean
  /** Called when it has to wait for a place */
  onHeld (): void
  /** Called when it is given a place */
  onPlace (): void
  /** Called when it has its slots, and has to wait for a turn of the event loop */
  onSlot (): void
  /** Called when it has everything, once */
  onGranted (): void
  /** Called when it leaves its places after it began: it has to end, and to begin anew */
  onPlaceLeft (): void
}

/** The slots that tickets are for */
export interface TicketHost {
  /** Returns the gates of a ticket that takes these places. One that is charged to another attempt takes fewer */
  gatesFor (ticket: Ticket, places: readonly Gate[], isCharged: boolean): readonly Gate[]
  /** The ticket has to wait at a gate */
  onWait (ticket: Ticket, gate: Gate): void
}

const NONE: readonly Gate[] = []

/** The way of one attempt through the gates, in order. The ticket holds what it has passed until `end()` */
export class Ticket implements PlaceTaker {
  priority: number
  readonly init: TicketInit
  readonly isBack: boolean
  readonly #places: readonly Gate[]
  #isCharged = false
  #isFreed = false
  #gates = NONE
  /** How many gates it has passed */
  #passed = 0
  /** A gate is being entered: what ends the ticket meanwhile, or has it begin anew, counts when that is done */
  #isEntering = false
  /** That gate lets it pass at once */
  #mayGoOn = false
  #isRestarting = false
  #hasBegun = false
  #isOver = false
  readonly #host: TicketHost

  constructor (init: TicketInit, places: readonly Gate[], host: TicketHost) {
    this.init = init
    this.isBack = init.hasLeftPlace
    this.priority = init.priority
    this.#places = places
    this.#host = host
  }

  begin (): void {
    this.#passed = 0
    this.#gates = this.#host.gatesFor(this, this.#isFreed ? NONE : this.#places, this.#isCharged)
    this.#advance()
  }

  /** The gate at which it is lets it pass */
  pass (): void {
    if (this.#isEntering) {
      this.#mayGoOn = true
    } else {
      this.#passed++
      this.#advance()
    }
  }

  /** The dial is made for another attempt, which holds slots for both: from now on few are taken */
  charge (): void {
    if (!this.#isCharged) {
      this.#isCharged = true
      this.#restart()
    }
  }

  /** Somebody answers for the address now: it takes no place, and keeps the one that it has */
  free (): void {
    this.#isFreed = true

    // what it waits for below it needs all the same
    if (this.#places.includes(this.#gates[this.#passed] as Gate)) {
      this.#restart()
    }
  }

  /** Moves it forward while it waits */
  raise (priority: number): void {
    if (priority > this.priority && !this.#hasBegun) {
      this.#gates[this.#passed]?.raise?.(this, priority)
    }
  }

  get mayLeave (): boolean {
    return !this.#isOver && !this.#isFreed && (this.#hasBegun || this.#gates[this.#passed]?.isOwnWait === true) && this.init.mayLeavePlace
  }

  /** Leaves its places to others. Where it has not begun, it waits for them again */
  leave (): void {
    if (this.#hasBegun) {
      this.init.onPlaceLeft()
    } else {
      this.#restart()
    }
  }

  onPlace (): void {
    this.init.onPlace()
  }

  /** Gives everything back */
  end (): void {
    if (!this.#isOver) {
      this.#isOver = true
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

  /** The gate at which it waits first, then those that it has passed: what one gives back may have others let go, and this ticket pass */
  #release (): void {
    if (!this.#isEntering) {
      const held = this.#gates.slice(0, this.#passed + 1)
      this.#gates = NONE
      held.toReversed().forEach(gate => { gate.leave(this) })
    }
  }
}
