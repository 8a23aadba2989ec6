import { isResponsive } from './is-responsive.ts'
import { PreferredSelector } from './preferred-selector.ts'
import { ConnectionDrain } from './connection-drain.ts'
import { keeperOf } from './keeper.ts'
import { cancelDrain, cancelTimers, infoOf, LOOK_AFTER, whenDecided } from './member.ts'
import { SilenceCheck } from './silence.ts'
import type { Member } from './member.ts'
import type { PeerHost } from './peer-host.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds between two comparisons of round-trip times: libp2p's connection monitor measures as often */
const LOOK_EVERY = 10_000

export class PeerConnections {
  readonly #host: PeerHost
  readonly #settle: number
  readonly #members = new Map<Connection, Member>()
  readonly #selector: PreferredSelector<Connection>
  readonly #silence: SilenceCheck
  #cancelLook?: () => void
  /** The latest answer of the host's `mayClose()`, false before the first. Undefined while the peer has one connection */
  #isClosable?: boolean

  /** @param settle milliseconds that both ends have to see a connection before another is closed for it */
  constructor (host: PeerHost, settle: number) {
    this.#host = host
    this.#settle = settle
    this.#selector = new PreferredSelector(host.prefer)
    this.#silence = new SilenceCheck(host.clock, () => this.#adopted, () => this.#selector.current, () => { this.#update() })
  }

  get size (): number {
    return this.#members.size
  }

  /** The connection that is preferred of those that take part. Undefined when none is open */
  get preferred (): Connection | undefined {
    if (this.#selector.current?.status !== 'open') {
      this.#update()
    }

    return this.#selector.current
  }

  /**
   * Adds connections. Compares those that take part at once before any event, so that they cause one change at most
   *
   * @param joinsAfter returns the milliseconds until a connection takes part
   */
  opened (connections: readonly Connection[], joinsAfter: (connection: Connection) => number): void {
    const added = connections.filter(one => one.status === 'open' && !this.#members.has(one))

    for (const connection of added) {
      const member: Member = { connection, isAdopted: false }
      const ms = Math.max(joinsAfter(connection), this.#host.isUndecided(connection) ? LOOK_AFTER : 0)
      this.#members.set(connection, member)

      if (ms > 0) {
        whenDecided(member, ms, this.#host, () => { this.#adopt(member) })
      } else {
        member.isAdopted = true
      }
    }

    if (added.length > 0) {
      this.#update(added)
    }
  }

  /** Lets a connection take part: a dial has yielded it, or `verifyInbound` has accepted it */
  accepted (connection: Connection): void {
    const member = this.#members.get(connection)

    if (member?.isAdopted === false) {
      this.#adopt(member)
    }
  }

  /** Allows this end to close a connection that the remote dialled, unless it is the one that stays */
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
      cancelTimers(member)
      this.#update()
    }
  }

  /** Returns whether a connection may be closed, because another one stays. If only the remote may drain it, it must carry no stream */
  isRedundant (connection: Connection): boolean {
    const member = this.#members.get(connection)
    const keeper = this.#keeper()
    const isOther = keeper != null && keeper !== connection && member?.isAdopted === true

    return this.#isClosable === true && isOther && (member.drain != null || connection.streams.length === 0)
  }

  /** Closes redundant connections earlier, because the node is at its connection limit */
  makeRoom (): void {
    this.#members.forEach(({ drain }) => { drain?.look() })
    this.#readClosable()
  }

  stop (): void {
    this.#members.forEach(cancelTimers)
    this.#members.clear()
    this.#cancelLook?.()
    this.#silence.stop()
  }

  #adopt (member: Member): void {
    member.cancelAdoption?.()
    member.isAdopted = true
    this.#update([member.connection])
  }

  /** Compares the current round-trip times. A faster connection has to answer first: its time may be an old one */
  #compare (): void {
    this.#update()

    if (this.#selector.isDue) {
      this.#silence.start()
    }
  }

  /** @param added connections that may take part from now on */
  #update (added: readonly Connection[] = []): void {
    const { clock } = this.#host
    const members = this.#choosable
    const all = infoOf(members, this.#host.self)
    const previous = this.#selector.current
    const preferred = this.#selector.update(all, clock.now())

    this.#cancelLook?.()
    this.#cancelLook = all.length < 2 ? undefined : clock.setTimeout(() => { this.#compare() }, LOOK_EVERY)

    if (preferred != null) {
      this.#drainRedundant(members, keeperOf(all, preferred), preferred)
    }

    // a peer that changed its network connects anew, and this end still prefers the connection that the peer has lost
    if (members.some(({ connection }) => added.includes(connection) && connection !== preferred)) {
      this.#silence.start()
    }

    // `#isClosable` is not read at each update: a read delays the streams that libp2p negotiates meanwhile
    if (all.length > 1 && this.#isClosable == null) {
      this.#readClosable()
    }

    if (preferred != null && previous?.status === 'open' && previous !== preferred && this.#members.get(previous)?.isAdopted === true) {
      this.#host.onPreferredChange({ peerId: preferred.remotePeer, connection: preferred, previous, deadline: this.#members.get(previous)?.drain?.deadline })
    }
  }

  /** Starts to drain the connections that this node may close, except the one that stays. Ends the drains of the others */
  #drainRedundant (members: readonly Member[], keeper: Connection, preferred: Connection): void {
    const { clock, deadline } = this.#host

    for (const member of members) {
      const { connection, drain } = member
      // the preferred connection has no deadline: it stays in use until both ends prefer the same one
      const due = connection === preferred || deadline == null ? undefined : clock.now() + deadline

      if (connection === keeper || (connection.direction !== 'outbound' && member.isReleased !== true)) {
        cancelDrain(member)
      } else if (drain == null || (drain.deadline == null) !== (due == null)) {
        cancelDrain(member)
        this.#drain(member, due)
      }
    }
  }

  #drain (member: Member, deadline: number | undefined): void {
    const { close, onError } = this.#host
    const { connection } = member
    member.drain = new ConnectionDrain(connection, {
      ...this.#host,
      settle: this.#settle,
      deadline,
      mayClose: async signal => this.#mayClose(member, signal),
      close: async () => {
        // a closing connection still says `open` until its streams have ended
        member.isAdopted = false
        this.#update()
        await close(connection)
      },
      onError: error => { onError(connection, error) }
    })
  }

  #readClosable (): void {
    this.#isClosable ??= false
    const [connection] = this.#members.keys()

    if (connection != null) {
      void this.#host.mayClose(connection).then(isClosable => { this.#isClosable = isClosable })
    }
  }

  /** Returns whether a connection may be closed. Never the last one: the connection that stays has to answer first */
  async #mayClose (member: Member, signal: AbortSignal): Promise<boolean> {
    const keeper = this.#keeper()

    if (keeper == null || keeper === member.connection || !await this.#host.mayClose(member.connection)) {
      return false
    }

    const isAnswered = await isResponsive(keeper, this.#host.clock, signal)

    if (!isAnswered && !signal.aborted) {
      this.#silence.start()
    }

    return isAnswered && !signal.aborted && keeper.status === 'open' && this.#keeper() === keeper
  }

  #keeper (): Connection | undefined {
    const members = this.#choosable
    const current = members.find(({ connection }) => connection === this.#selector.current)

    return current == null ? undefined : keeperOf(infoOf(members, this.#host.self), current.connection)
  }

  get #adopted (): Member[] {
    return [...this.#members.values()].filter(({ connection, isAdopted }) => isAdopted && connection.status === 'open')
  }

  get #choosable (): Member[] {
    return this.#adopted.filter(({ isSilent }) => isSilent !== true)
  }
}
