import { KeyedSlots, NodeSlots, Turns } from './gates.ts'
import { Places } from './places.ts'
import { Speculation } from './speculation.ts'
import { Ticket } from './ticket.ts'
import type { Gate, TicketHost, TicketInit } from './ticket.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** How many attempts may be in flight at once: sockets, not peers, are what is scarce */
export interface SlotsInit {
  /**
   * In the whole node. The attempts of dials beside their first one take 3/8 of them at most: silent addresses of some peers do not keep
   * the first attempt to another one waiting
   *
   * @default one for each of the node's `maxParallelDials`, and 3/5 as many for attempts beside the first, at least 60: 480 for 300 dials
   */
  node?: number
  /**
   * To one peer
   *
   * @default 8
   */
  peer?: number
  /**
   * To one public /24 (IPv4), /48 (IPv6) or domain, of addresses that neither the user nor the configuration gave, no signed record
   * names and no connection has proved: so that a node is not made to attack others by false answers. An attempt counts until its
   * remote is first heard of. However an address is written, the place that it leads to counts: an IPv4 address in an IPv6 one, or in a
   * name of AutoTLS, counts as itself. A name that tells no IP address counts as its domain, the last two labels, or three where the
   * next-to-last has three letters or fewer
   *
   * @default 8
   */
  prefix?: number
  /** For a transport, by its `Symbol.toStringTag`. Default: no limit of its own */
  transport?: Readonly<Record<string, number>>
}

/** As many slots for speculative attempts beside those for the dials: 100 dials have 160 slots, as many as go-libp2p has (limiter.go) */
const SPECULATIVE_PER_DIAL = 3 / 5
const MIN_SPECULATIVE_ATTEMPTS = 60

/** The same share of the slots of a node that says how many it has */
const SPECULATIVE_SHARE = 3 / 8

/** What go-libp2p allows (limiter.go) */
const MAX_PARALLEL_ATTEMPTS_PER_PEER = 8

/** One network is not asked for more than one peer is */
const MAX_PARALLEL_ATTEMPTS_PER_PREFIX = 8

/** A relay has a few addresses, and whoever names it may name many */
const MAX_PARALLEL_ATTEMPTS_FOR_ANOTHER = 4

/** The slots of a node. An attempt holds its slots until its transport has ended, also after an abort: see `TransportDial` for how long */
export class Slots implements TicketHost {
  readonly #hasNodeLimit: boolean
  readonly #node: NodeSlots
  readonly speculation: Speculation
  readonly #places: Places
  readonly #transports: ReadonlyMap<string, number>
  readonly #peers: KeyedSlots
  readonly #nested = new KeyedSlots(({ init }) => init.dial, () => MAX_PARALLEL_ATTEMPTS_FOR_ANOTHER)
  readonly #ofTransport: KeyedSlots
  readonly #turns: Turns
  /** Of an attempt that takes no place, over a transport without a limit: nearly all do */
  readonly #usual: readonly Gate[]
  readonly #onScarce: () => void

  /**
   * @param maxParallelDials how many dials of the node run at once: each has room for one attempt where `node` is not set
   * @param onScarce called when an attempt has to wait for what attempts of any dial may hold, unless all dials that want it are demoted
   */
  constructor ({ node, peer = MAX_PARALLEL_ATTEMPTS_PER_PEER, prefix = MAX_PARALLEL_ATTEMPTS_PER_PREFIX, transport = {} }: SlotsInit = {}, maxParallelDials: number, clock: Clock, onScarce: () => void) {
    this.#hasNodeLimit = node != null
    this.#node = new NodeSlots(node ?? slotsFor(maxParallelDials))
    this.speculation = new Speculation(node == null ? speculativeFor(maxParallelDials) : Math.max(1, Math.floor(node * SPECULATIVE_SHARE)))
    this.#places = new Places(prefix)
    this.#transports = new Map(Object.entries(transport))
    this.#peers = new KeyedSlots(({ init }) => init.peer, () => peer, true)
    this.#ofTransport = new KeyedSlots(({ init }) => init.transport, name => this.#transports.get(name) ?? Infinity)
    this.#turns = new Turns(clock)
    this.#usual = [this.#peers, this.speculation, this.#node, this.#turns]
    this.#onScarce = onScarce
  }

  /** The slots of the whole node: how many are used, how many attempts wait for one, and how many there are */
  get usage (): NodeSlots['usage'] {
    return this.#node.usage
  }

  /** Another number of dials run at once */
  set maxParallelDials (maxParallelDials: number) {
    const slots = slotsFor(maxParallelDials)

    // whoever sets the concurrency of libp2p's queue is not told that a value is no number
    if (!this.#hasNodeLimit && slots > 0) {
      this.#node.concurrency = slots
      this.speculation.max = speculativeFor(maxParallelDials)
    }
  }

  /** Has an attempt take the slots that it needs, and calls `onGranted` when it has all of them */
  take (init: TicketInit): Ticket {
    const ticket = new Ticket(init, init.prefixes.map(prefix => this.#placesOf(prefix)), this)

    if (init.prefixes.some(prefix => this.#places.isFull(prefix))) {
      init.onHeld()
    }

    return ticket
  }

  /** A caller of higher priority joined what waits for a slot */
  raise (ticket: Ticket, priority: number): void {
    ticket.raise(priority)
    this.review(ticket.init.prefixes)
  }

  /** Asks holders of places to leave, as far as others wait for them */
  review (prefixes: readonly string[]): void {
    prefixes.forEach(prefix => { this.#places.review(prefix) })
  }

  /** The attempt goes on without its places: it has been answered */
  releasePlaces (ticket: Ticket): void {
    ticket.init.prefixes.forEach(prefix => { this.#places.release(prefix, ticket) })
  }

  // The place first: whoever waits for that keeps no slot from anybody else. Then the peer and the turn of a speculative attempt: while
  // it waits, it keeps none from another peer. One that is made for an attempt which holds a slot takes none of its own
  gatesFor ({ init }: Ticket, places: readonly Gate[], isCharged: boolean): readonly Gate[] {
    if (isCharged) {
      return [this.#nested, ...places, this.#turns]
    }

    if (places.length === 0 && !this.#transports.has(init.transport)) {
      return this.#usual
    }

    return [...places, this.#peers, this.speculation, this.#ofTransport, this.#node, this.#turns]
  }

  onWait ({ init }: Ticket, gate: Gate): void {
    const isScarce = gate === this.#node || gate === this.speculation || gate === this.#ofTransport

    if (gate === this.#turns) {
      init.onSlot()
    } else if (isScarce && init.taker.dials.some(({ isDemoted }) => !isDemoted)) {
      this.#onScarce()
    }
  }

  #placesOf (prefix: string): Gate {
    return {
      enter: ticket => { this.#places.enter(prefix, ticket) },
      leave: ticket => { this.#places.leave(prefix, ticket) },
      raise: (ticket, priority) => { this.#places.raise(prefix, ticket, priority) }
    }
  }
}

/** Room for the first attempt of each dial, and for the speculative ones */
function slotsFor (maxParallelDials: number): number {
  return Math.max(0, maxParallelDials) + speculativeFor(maxParallelDials)
}

function speculativeFor (maxParallelDials: number): number {
  return Math.max(MIN_SPECULATIVE_ATTEMPTS, Math.floor(maxParallelDials * SPECULATIVE_PER_DIAL))
}
