import { ConnectionClosedError, DialError, TimeoutError, UnexpectedPeerError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { candidate, peerOf } from '../../pipeline/candidate.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { toError } from '../../pipeline/errors.ts'
import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import type { Connection } from '@libp2p/interface'
import type { Clock } from '../../pipeline/clock.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** The connections that dials were given. A transport may answer two attempts with one connection: it is closed by the last who holds it */
export class HeldConnections {
  /** How many hold each. What was handed to callers is never given back */
  readonly #holders = new WeakMap<Connection, number>()
  readonly #clock: Clock

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** So many dials are given the connection. It is closed where there is none */
  hold (connection: Connection, count: number): void {
    if (count === 0) {
      void this.close(connection)
    } else {
      this.#holders.set(connection, count + (this.#holders.get(connection) ?? 0))
    }
  }

  /** One who was given it does not want it */
  release (connection: Connection): void {
    const count = this.#holders.get(connection)

    if (count === 1) {
      this.#holders.delete(connection)
      void closeGently(connection, this.#clock)
    } else if (count != null) {
      this.#holders.set(connection, count - 1)
    }
  }

  /** Closes a connection that an attempt brings which nobody waits for, unless somebody holds it. Never rejects */
  async close (connection: Connection): Promise<void> {
    if (!this.#holders.has(connection)) {
      await closeGently(connection, this.#clock)
    }
  }
}

/** The connections that attempts of a dial gave, and that were neither yielded nor discarded. One is there twice where two attempts gave it: each is discarded */
export class UnclaimedConnections {
  readonly #all: Connection[] = []

  add (connection: Connection): void {
    this.#all.push(connection)
  }

  has (connection: Connection): boolean {
    return this.#all.includes(connection)
  }

  /** Returns whether it was there */
  remove (connection: Connection): boolean {
    const at = this.#all.indexOf(connection)

    return at !== -1 && this.#all.splice(at, 1).length > 0
  }

  /** A copy: the connections may be removed meanwhile */
  [Symbol.iterator] (): Iterator<Connection> {
    return [...this.#all].values()
  }
}

/** Milliseconds that a connection is given to close in good order */
const CLOSE_TIMEOUT = 1000

/** Closes what nobody wants. Gracefully first: an abort does not close a WebSocket. Never rejects, whatever the connection does */
export async function closeGently (connection: Pick<Connection, 'close' | 'abort'>, clock: Clock): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const cancel = clock.setTimeout(() => { controller.abort(new TimeoutError('The connection took too long to close')) }, CLOSE_TIMEOUT)

  try {
    await settledOrAborted(connection.close({ signal }), signal)
  } catch (err) {
    abort(connection, toError(err))
  } finally {
    cancel()
  }
}

/** Closes those of several connections whose remote is banned. Never rejects */
export async function sever (connections: readonly Connection[], clock: Clock, isBanned: (remote: Candidate) => boolean): Promise<void> {
  // the address of an inbound one may not name the peer
  const banned = connections.filter(({ remoteAddr, remotePeer }) => isBanned(candidate(remoteAddr, remotePeer)))

  await Promise.all(banned.map(async connection => closeGently(connection, clock)))
}

function abort (connection: Pick<Connection, 'abort'>, err: Error): void {
  try {
    connection.abort(err)
  } catch {
    // it has no other end
  }
}

/**
 * Checks what a transport answered
 *
 * @throws DialError for what is no connection, or cannot be read; ConnectionClosedError for one that is closed; UnexpectedPeerError
 * for one to another peer
 */
export function checkConnection (connection: Connection | undefined, { id, multiaddr }: Candidate): asserts connection is Connection {
  if (typeof connection?.close !== 'function') {
    throw new DialError(`The transport for ${id} answered ${describeValue(connection)} where a connection was expected`)
  }

  checkOpen(connection)
  const { remotePeer } = connection
  const expected = peerOf(multiaddr)

  // an id that is the hash of a key tells the handshake nothing to compare: libp2p takes whoever answers there
  if (expected != null && expected !== remotePeer.toString() && !remotePeer.equals(readPeerId(expected))) {
    throw new UnexpectedPeerError(`Dialed peer ${expected} but connected to ${remotePeer.toString()}`)
  }

  // stages read these later. A getter that throws costs one address here, and would cost the dial there
  const missing = (['newStream', 'remoteAddr'] as const).find(name => connection[name] == null)
  Reflect.get(connection, 'limits')

  if (missing != null) {
    throw new DialError(`The transport for ${id} answered a connection without ${missing}`)
  }
}

/** @throws ConnectionClosedError for one that is closed */
export function checkOpen ({ status }: Connection): void {
  if (status !== 'open') {
    throw new ConnectionClosedError('Remote closed connection during opening')
  }
}
