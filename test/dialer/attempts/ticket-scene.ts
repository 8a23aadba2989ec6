import { Slots } from '../../../src/dialer/attempts/slots.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { ticketInit } from './ticket-init.ts'
import type { Act, Limits } from './ticket-acts.ts'
import type { SpeculatingDial, Ticket } from '../../../src/dialer/attempts/ticket.ts'

/** The maximum number of nested attempts of one dial */
const NESTED = 4

interface Dial extends SpeculatingDial { readonly id: string }

/** The properties of a shared attempt that the slots use */
interface Taker {
  ticket?: Ticket
  readonly act: Act
  readonly taker: { dials: readonly SpeculatingDial[], isInFlight: boolean }
  priority: number
  isSilent: boolean
  isCharged: boolean
  isFreed: boolean
  /** The slots that it holds. Undefined: it waits */
  held?: readonly string[]
  grants: number
  /** Whether no dial needs the attempt any more */
  isOver: boolean
  hasEnded: boolean
}

/** Attempts that take slots, and the acts on them */
export class TicketScene {
  readonly clock = new VirtualClock(0)
  readonly takers: Taker[] = []
  readonly faults = new Set<string>()
  readonly #dials: Dial[] = ['a', 'b', 'c', 'd'].map(id => ({ id, attempts: new Set(), isDemoted: false }))
  readonly #limits: Limits & { nested: number }
  readonly #slots: Slots

  constructor ({ node, peer, prefix, scarce }: Limits) {
    this.#limits = { node, peer, prefix, scarce, nested: NESTED }
    this.#slots = new Slots({ node, peer, prefix, transport: { scarce } }, 100, this.clock, () => {})
  }

  do (act: Act): void {
    const waiting = this.takers.filter(({ isOver }) => !isOver)
    const one = waiting[act.which % Math.max(1, waiting.length)]

    if (act.kind === 'take') {
      this.#take(act)
    } else if (act.kind === 'demote') {
      (this.#dials[act.dial] as Dial).isDemoted = true
    } else if (act.kind === 'sever') {
      waiting.filter(({ act: { peer } }) => peer === act.peer).forEach(one => { this.end(one) })
    } else if (one?.ticket != null) {
      this.#doTo(one, one.ticket, act)
    }

    this.#check()
  }

  #doTo (one: Taker, ticket: Ticket, { kind, priority, dial }: Act): void {
    if (kind === 'end') {
      this.end(one)
    } else if (kind === 'charge') {
      one.isCharged ||= one.held == null
      ticket.charge()
    } else if (kind === 'free') {
      one.isFreed ||= one.held == null
      ticket.free()
    } else if (kind === 'raise') {
      one.priority = Math.max(one.priority, priority)
      ticket.raisePriority(one.priority)
    } else if (kind === 'silence') {
      one.isSilent = true
      ticket.review()
    } else if (kind === 'release' && one.held != null) {
      one.isSilent = false
      one.held = one.held.filter(key => !key.startsWith('prefix'))
      ticket.releasePrefixSlots()
    } else if (kind === 'share') {
      const joining = this.#dials[dial] as Dial
      one.taker.dials = [...new Set([...one.taker.dials, joining])]
      this.#slots.speculation.join(one.taker, joining)
    } else if (kind === 'quit' && one.taker.dials.length > 1) {
      const leaving = one.taker.dials[0] as Dial
      one.taker.dials = one.taker.dials.slice(1)
      one.priority = priority
      this.#slots.speculation.quit(one.taker, leaving)
    }
  }

  #take (act: Act): void {
    const { peer, prefixes, isScarce, priority, isCharged } = act
    const dial = this.#dials[act.dial] as Dial
    const listeners = [...act.inside]
    const then = (): void => {
      const next = listeners.shift()

      if (next != null) {
        this.do(next)
      }
    }
    const one: Taker = { act, taker: { dials: [dial], isInFlight: false }, priority, isSilent: act.isSilent, isCharged: false, isFreed: false, grants: 0, isOver: false, hasEnded: false }
    this.takers.push(one)
    one.ticket = this.#slots.take({
      ...ticketInit(),
      peer: `${peer}`,
      transport: isScarce ? 'scarce' : 'plenty',
      prefixes,
      dial: dial.id,
      taker: one.taker,
      get priority () { return one.priority },
      get mayLeavePrefixSlots () { return one.isSilent && !one.isOver },
      onGranted: () => {
        if (one.hasEnded || ++one.grants > 1) {
          this.faults.add('granted twice, or after its end')
        } else if (!one.isOver) {
          one.held = keysOf(one)
          this.#check()
          then()
        }
      },
      onPrefixSlotsLeft: () => {
        then()
        this.end(one)
      }
    })
    this.#slots.speculation.join(one.taker, dial)

    if (isCharged) {
      one.isCharged = true
      one.ticket.charge()
    }

    one.ticket.begin()
  }

  end (one: Taker): void {
    if (!one.isOver) {
      one.isOver = true
      one.held = undefined
      const { dials } = one.taker
      one.taker.dials = []
      dials.forEach(dial => { this.#slots.speculation.quit(one.taker, dial) })
      one.hasEnded = true
      one.ticket?.end()
    }
  }

  /** Ends running attempts until none is left. An attempt that waits although none runs is a fault */
  async finish (): Promise<void> {
    await this.turn()

    for (let running = this.#running; running.length > 0; running = this.#running) {
      running.forEach(one => { this.end(one) })
      await this.turn()
    }

    if (this.takers.some(({ isOver }) => !isOver)) {
      this.faults.add('waits while all slots are free')
    }
  }

  /** Returns whether exactly all slots are free: of the node, of one peer, of a prefix, of a transport, and of one nested dial */
  async isEmpty (): Promise<boolean> {
    const { node, peer, prefix, scarce, nested } = this.#limits
    const wants = [[node, {}], [peer, { peer: 'one' }], [prefix, { prefixes: ['a'] }], [prefix, { prefixes: ['b'] }], [scarce, { transport: 'scarce' }], [nested, { dial: 'a' }]] as const
    const counts = []

    for (const [count, init] of wants) {
      let granted = 0
      const tickets = Array.from({ length: count + 1 }, (_, i) => this.#slots.take({ ...ticketInit(), peer: `${i}`, ...init, onGranted: () => { granted++ } }))

      for (const ticket of tickets) {
        if ('dial' in init) {
          ticket.charge()
        }

        ticket.begin()
      }

      await this.turn()
      counts.push(granted)
      tickets.forEach(ticket => { ticket.end() })
      await this.turn()
    }

    return counts.every((count, i) => count === Math.min(node, wants[i]?.[0] ?? 0)) && this.clock.pending === 0
  }

  /** Lets the event loop turn, and the time of prefix slots end once */
  async turn (): Promise<void> {
    await this.clock.advance(1)
  }

  get #running (): Taker[] {
    return this.takers.filter(({ held }) => held != null)
  }

  #check (): void {
    const counts = new Map<string, number>()

    for (const key of this.#running.flatMap(({ held }) => held ?? [])) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }

    for (const [key, count] of counts) {
      const kind = key.split(' ')[0] as keyof Limits

      if (count > this.#limits[kind]) {
        this.faults.add(`more slots of a ${kind} than there are`)
      }
    }
  }
}

/** Returns the slots that an attempt certainly holds from its grant on */
function keysOf ({ act: { peer, prefixes, isScarce, dial }, isCharged, isFreed }: Taker): string[] {
  return [
    ...isFreed ? [] : prefixes.map(prefix => `prefix ${prefix}`),
    ...isCharged ? [`nested ${dial}`] : [`peer ${peer}`, 'node', ...isScarce ? ['scarce'] : []]
  ]
}
