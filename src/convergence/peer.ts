import { isResponsive } from './is-responsive.ts'
import { PreferredSelector } from './preferred-selector.ts'
import { ConnectionDrain } from './connection-drain.ts'
import { factsOf } from './facts.ts'
import { keeperOf } from './keeper.ts'
import { keep, leave } from './member.ts'
import type { ConnectionInfo } from './keeper.ts'
import type { Member } from './member.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { ConnectionChange, ConnectionPreference } from '../pipeline/convergence.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds between two looks at how fast connections are: as often as libp2p's connection monitor measures it */
const LOOK_EVERY = 10_000

/** Milliseconds between two looks at whether a connection is decided on */
const LOOK_AFTER = 1_000

/** What the peers of a node share */
export interface PeerHost {
  /** This node's peer id, as a string */
  readonly self: string
  readonly clock: Clock
  /** Whether a dial or a check has yet to decide on a connection */
  readonly isUndecided: (connection: Connection) => boolean
  readonly prefer: ConnectionPreference
  /** Milliseconds without an application stream after which a redundant connection is closed, as things are now */
  readonly idle: () => number
  readonly deadline?: number
  readonly background: readonly string[]
  readonly onPreferredChange: (change: ConnectionChange) => void
  /** A connection could not be closed */
  readonly onError: (connection: Connection, error: Error) => void
  /** Whether a connection to this peer may be closed at all */
  readonly mayClose: (connection: Connection) => Promise<boolean>
  readonly close: (connection: Connection) => Promise<void>
}

/** The connections to one peer */
export class PeerConnections {
  readonly #host: PeerHost
  readonly #settle: number
  readonly #members = new Map<Connection, Member>()
  readonly #selector: PreferredSelector<Connection>
  #cancelLook?: () => void

  /** @param settle - milliseconds that both ends are given to see a connection before one is closed for it */
  constructor (host: PeerHost, settle: number) {
    this.#host = host
    this.#settle = settle
    this.#selector = new PreferredSelector(host.prefer)
  }

  get size (): number {
    return this.#members.size
  }

  /** The one that new streams take; undefined: none is open */
  get preferred (): Connection | undefined {
    const { current } = this.#selector

    if (current?.status !== 'open') {
      this.#update()
    }

    return this.#selector.current ?? [...this.#members.keys()].find(({ status }) => status === 'open')
  }

  /**
   * Adds connections. Those that take part at once are compared before anything is told: that is one change at most
   *
   * @param joinsAfter returns the milliseconds until one takes part
   */
  opened (connections: readonly Connection[], joinsAfter: (connection: Connection) => number): void {
    const added = connections.filter(one => one.status === 'open' && !this.#members.has(one))

    for (const connection of added) {
      const member: Member = { connection, isAdopted: false }
      const ms = joinsAfter(connection)
      this.#members.set(connection, member)

      if (ms > 0) {
        this.#adoptAfter(ms, member)
      } else {
        member.isAdopted = true
      }
    }

    if (added.length > 0) {
      this.#update()
    }
  }

  /** A dial has yielded it, or a check has let it in */
  accepted (connection: Connection): void {
    const member = this.#members.get(connection)

    if (member?.isAdopted === false) {
      this.#adopt(member)
    }
  }

  /** It may be closed whoever has dialled it, unless it is the one that stays */
  release (connection: Connection): void {
    const member = this.#members.get(connection)

    if (member != null) {
      member.isReleased = true
      this.#update()
    }
  }

  closed (connection: Connection): void {
    const member = this.#members.get(connection)

    if (member != null) {
      this.#members.delete(connection)
      leave(member)
      this.#update()
    }
  }

  /** Whether one is to be closed for another, when it carries nothing */
  isRedundant (connection: Connection): boolean {
    return this.#members.get(connection)?.isClosable === true
  }

  /** The node has as many connections as it may: those that another has made redundant are the first to go */
  makeRoom (): void {
    this.#members.forEach(({ drain }) => { drain?.look() })
  }

  /** Closes none */
  stop (): void {
    this.#members.forEach(leave)
    this.#members.clear()
    this.#cancelLook?.()
  }

  #adoptAfter (ms: number, member: Member): void {
    const { clock, isUndecided } = this.#host

    member.cancelAdoption = clock.setTimeout(() => {
      if (isUndecided(member.connection)) {
        this.#adoptAfter(LOOK_AFTER, member)
      } else {
        this.#adopt(member)
      }
    }, ms)
  }

  #adopt (member: Member): void {
    member.cancelAdoption?.()
    member.isAdopted = true
    this.#update()
  }

  #update (): void {
    const { clock } = this.#host
    const members = this.#adopted
    const all = this.#infoOf(members)
    const previous = this.#selector.current
    const preferred = this.#selector.update(all, clock.now())

    this.#cancelLook?.()
    this.#cancelLook = all.length < 2 ? undefined : clock.setTimeout(() => { this.#update() }, LOOK_EVERY)

    if (preferred != null) {
      this.#drainRedundant(members, keeperOf(all, preferred), preferred)
    }

    if (preferred != null && previous?.status === 'open' && previous !== preferred && this.#members.get(previous)?.isAdopted === true) {
      this.#host.onPreferredChange({ peerId: preferred.remotePeer, connection: preferred, previous, deadline: this.#members.get(previous)?.drain?.deadline })
    }
  }

  /** Closes what this node dialled, or was released, and nobody needs beside the one that stays, in its own time */
  #drainRedundant (members: readonly Member[], keeper: Connection, preferred: Connection): void {
    const { clock, deadline } = this.#host

    for (const member of members) {
      const { connection, drain } = member
      // both ends know better than the order of this one: what new streams take is closed when it is idle, and not before
      const due = connection === preferred || deadline == null ? undefined : clock.now() + deadline

      if (connection === keeper || (connection.direction !== 'outbound' && member.isReleased !== true)) {
        keep(member)
      } else if (drain == null || (drain.deadline == null) !== (due == null)) {
        keep(member)
        this.#drain(member, due)
      }
    }
  }

  #drain (member: Member, deadline: number | undefined): void {
    const { clock, background, idle, mayClose, close, onError } = this.#host
    const { connection } = member
    void mayClose(connection).then(mayClose => { member.isClosable = mayClose && member.drain != null })

    member.drain = new ConnectionDrain(connection, {
      clock,
      idle,
      settle: this.#settle,
      deadline,
      background,
      mayClose: async signal => this.#mayClose(member, signal),
      close: async () => {
        // it says that it is open until its streams have ended
        member.isAdopted = false
        this.#update()
        await close(connection)
      },
      onError: error => { onError(connection, error) }
    })
  }

  /** Never the last: the one that stays has to answer, now */
  async #mayClose (member: Member, signal: AbortSignal): Promise<boolean> {
    const keeper = this.#keeper()

    return keeper != null && keeper !== member.connection &&
      await this.#host.mayClose(member.connection) &&
      await isResponsive(keeper, this.#host.clock, signal) &&
      !signal.aborted && keeper.status === 'open' && this.#keeper() === keeper
  }

  #keeper (): Connection | undefined {
    const members = this.#adopted
    const current = members.find(({ connection }) => connection === this.#selector.current)

    return current == null ? undefined : keeperOf(this.#infoOf(members), current.connection)
  }

  /** Those that take part */
  get #adopted (): Member[] {
    return [...this.#members.values()].filter(({ connection, isAdopted }) => isAdopted && connection.status === 'open')
  }

  #infoOf (members: readonly Member[]): Array<ConnectionInfo<Connection>> {
    return members.map(({ connection }) => ({ connection, facts: factsOf(connection, this.#host.self) }))
  }
}
