import { KeyedSlots, NodeSlots, Speculation } from './gates.ts'
import { PrefixSlots } from './prefix-slots.ts'
import { Ticket } from './ticket.ts'
import type { Gate, TicketHost, TicketInit } from './ticket.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** Limits for the number of attempts in flight. The limits count sockets, not peers */
export interface SlotsInit {
  /**
   * Maximum number of attempts in flight in the node. Speculative attempts, those of a dial beside its first, take 3/8 of it at most. Dials with
   * many silent addresses then cannot delay the first attempt of another dial
   *
   * @default one for each of the node's `maxParallelDials`, plus 3/5 as many for speculative attempts, at least 60: 480 for 300 dials
   */
  node?: number | undefined
  /**
   * Maximum number of attempts in flight to one peer
   *
   * @default 8
   */
  peer?: number | undefined
  /**
   * Maximum number of attempts in flight to untrusted addresses of one network: a public /24 (IPv4), /48 (IPv6) or domain
   *
   * An address is trusted if the user or the configuration gave it, or a signed record or a connection proves it. The
   * limit keeps false answers from making the node attack others. An attempt counts until its remote has first responded. An IPv4
   * address inside an IPv6 address or an AutoTLS name counts as itself. Any other name counts as its domain: the last two labels, or
   * three below a country's registry such as `co.uk`
   *
   * @default 8
   */
  prefix?: number | undefined
  /** Maximum number of attempts in flight over each transport, by its `Symbol.toStringTag`. Default: no limit for a transport */
  transport?: Readonly<Record<string, number>> | undefined
}

/** The number of slots for speculative attempts per slot of a dial. 100 dials have 100 + 60 slots, as many as in go-libp2p (limiter.go) */
const SPECULATIVE_PER_DIAL = 3 / 5
const MIN_SPECULATIVE_ATTEMPTS = 60

/** The share of a `node` limit that is for speculative attempts: the same 3/5 of the other slots */
const SPECULATIVE_SHARE = 3 / 8

/** The same as in go-libp2p (limiter.go) */
const MAX_PARALLEL_ATTEMPTS_PER_PEER = 8

/** The same as for one peer */
const MAX_PARALLEL_ATTEMPTS_PER_PREFIX = 8

/** Maximum number of attempts in flight of a nested dial. A relay needs few addresses, but an untrusted source may name many */
const MAX_PARALLEL_ATTEMPTS_FOR_ANOTHER = 4

/** The slots of a node. An attempt holds its slots until its transport has ended, also after an abort. `TransportDial` limits that time */
export class Slots implements TicketHost {
  readonly clock: Clock
  readonly #hasNodeLimit: boolean
  readonly #node: NodeSlots
  readonly speculation: Speculation
  readonly prefixSlots: PrefixSlots
  readonly #transports: ReadonlyMap<string, number>
  readonly #peers: KeyedSlots
  readonly #nested = new KeyedSlots(({ init }) => init.dial, () => MAX_PARALLEL_ATTEMPTS_FOR_ANOTHER)
  readonly #ofTransport: KeyedSlots
  readonly #startPacer: StartPacer
  /** Gates of an attempt without a prefix slot, over a transport without a limit. Shared, because nearly all attempts use them */
  readonly #usual: readonly Gate[]
  readonly #onScarce: () => void

  /**
   * @param maxParallelDials maximum number of running dials of the node: each has room for one attempt when `node` is not set
   * @param onScarce called when an attempt waits for a slot that other dials may hold. Not called when all its dials are demoted
   */
  constructor ({ node, peer = MAX_PARALLEL_ATTEMPTS_PER_PEER, prefix = MAX_PARALLEL_ATTEMPTS_PER_PREFIX, transport = {} }: SlotsInit = {}, maxParallelDials: number, clock: Clock, onScarce: () => void) {
    this.clock = clock
    this.#hasNodeLimit = node != null
    this.#node = new NodeSlots(node ?? slotsFor(maxParallelDials))
    this.speculation = new Speculation(node == null ? speculativeFor(maxParallelDials) : Math.max(1, Math.floor(node * SPECULATIVE_SHARE)))
    this.prefixSlots = new PrefixSlots(prefix)
    this.#transports = new Map(Object.entries(transport))
    this.#peers = new KeyedSlots(({ init }) => init.peer, () => peer, true)
    this.#ofTransport = new KeyedSlots(({ init }) => init.transport, name => this.#transports.get(name) ?? Infinity)
    this.#startPacer = new StartPacer(clock)
    this.#usual = [this.#peers, this.speculation, this.#node, this.#startPacer]
    this.#onScarce = onScarce
  }

  get usage (): NodeSlots['usage'] {
    return this.#node.usage
  }

  set maxParallelDials (maxParallelDials: number) {
    const slots = slotsFor(maxParallelDials)

    // libp2p's queue accepts any value as its concurrency, so a NaN is ignored here
    if (!this.#hasNodeLimit && slots > 0) {
      this.#node.concurrency = slots
      this.speculation.max = speculativeFor(maxParallelDials)
    }
  }

  /** Returns a ticket for an attempt. The ticket calls `onGranted` when it has all slots */
  take (init: TicketInit): Ticket {
    const ticket = new Ticket(init, init.prefixes.map(prefix => this.#gateOf(prefix)), this)

    if (init.prefixes.some(prefix => this.prefixSlots.isFull(prefix))) {
      init.onHeld()
    }

    return ticket
  }

  // The prefix slots come first: a ticket that waits for one holds no slot. Then come the peer and the speculative slot, where a waiting
  // ticket holds no slot of the node. An attempt of a nested dial takes no slot of the node: its outer attempt holds one
  gatesFor ({ init }: Ticket, prefixSlots: readonly Gate[], isCharged: boolean): readonly Gate[] {
    if (isCharged) {
      return [this.#nested, ...prefixSlots, this.#startPacer]
    }

    if (prefixSlots.length === 0 && !this.#transports.has(init.transport)) {
      return this.#usual
    }

    return [...prefixSlots, this.#peers, this.speculation, this.#ofTransport, this.#node, this.#startPacer]
  }

  onWait ({ init }: Ticket, gate: Gate): void {
    const isScarce = gate === this.#node || gate === this.speculation || gate === this.#ofTransport

    if (gate === this.#startPacer) {
      init.onSlot()
    } else if (isScarce && init.taker.dials.some(({ isDemoted }) => !isDemoted)) {
      this.#onScarce()
    }
  }

  #gateOf (prefix: string): Gate {
    return {
      enter: ticket => { this.prefixSlots.enter(prefix, ticket) },
      leave: ticket => { this.prefixSlots.leave(prefix, ticket) },
      raisePriority: (ticket, priority) => { this.prefixSlots.raisePriority(prefix, ticket, priority) }
    }
  }
}

/** Returns the slots for the first attempt of each dial, plus those for speculative attempts */
function slotsFor (maxParallelDials: number): number {
  return Math.max(0, maxParallelDials) + speculativeFor(maxParallelDials)
}

function speculativeFor (maxParallelDials: number): number {
  return Math.max(MIN_SPECULATIVE_ATTEMPTS, Math.floor(maxParallelDials * SPECULATIVE_PER_DIAL))
}

/** Number of attempts that begin in one turn of the event loop while no more than that wait */
const BURST = 16

/** Number of attempts that begin in one turn while more than `BURST` wait. A turn grows with this number: four begin in the time of one handshake */
const PER_TURN = 4

/**
 * Begins a few attempts in each turn of the event loop. A thousand attempts in one turn would block the loop for so long that answers
 * look late and more attempts begin. Attempts that fail at once would never let the loop turn
 */
export class StartPacer implements Gate {
  readonly #clock: Clock
  readonly #waiting = new Set<Ticket>()
  #left = BURST

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Lets the ticket pass at once, or in a later turn of the event loop when this turn has had its share of attempts */
  enter (ticket: Ticket): void {
    if (this.#left > 0) {
      this.#count()
      ticket.pass()
    } else {
      this.#waiting.add(ticket)
    }
  }

  leave (ticket: Ticket): void {
    this.#waiting.delete(ticket)
  }

  #count (): void {
    // the timer is set first: if that throws, no attempt has been counted
    if (this.#left === 1) {
      this.#clock.setTimeout(() => { this.#turn() }, 0)
    }

    this.#left--
  }

  #turn (): void {
    this.#left = this.#waiting.size > BURST ? PER_TURN : BURST

    // an attempt that begins may end others and add more, so the limit is checked each time
    for (const ticket of this.#waiting) {
      if (this.#left === 0) {
        return
      }

      this.#waiting.delete(ticket)
      this.#count()
      ticket.pass()
    }
  }
}
