import { ConnectionClosedError, DialError, TimeoutError, UnexpectedPeerError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { candidate, peerOf } from '../../pipeline/candidate.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { toError } from '../../pipeline/errors.ts'
import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import type { Connection } from '@libp2p/interface'
import type { Clock } from '../../pipeline/clock.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** Counts the holders of each connection. A transport may yield one connection to two attempts, so only the last holder closes it */
export class HeldConnections {
  /** Number of holders of each connection. Connections that callers have are never released */
  readonly #holders = new WeakMap<Connection, number>()
  readonly #clock: Clock

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Adds `count` holders to a connection. Closes the connection when `count` is 0 */
  hold (connection: Connection, count: number): void {
    if (count === 0) {
      void this.close(connection)
    } else {
      this.#holders.set(connection, count + (this.#holders.get(connection) ?? 0))
    }
  }

  /** Removes one holder. The last one closes the connection */
  release (connection: Connection): void {
    const count = this.#holders.get(connection)

    if (count === 1) {
      this.#holders.delete(connection)
      void closeGently(connection, this.#clock)
    } else if (count != null) {
      this.#holders.set(connection, count - 1)
    }
  }

  /** Closes the connection of an attempt without dials, unless it has a holder from another attempt. Never rejects */
  async close (connection: Connection): Promise<void> {
    if (!this.#holders.has(connection)) {
      await closeGently(connection, this.#clock)
    }
  }
}

/** Milliseconds that a connection has to close gracefully */
const CLOSE_TIMEOUT = 1000

/** Closes a connection gracefully, and aborts it on an error. An abort alone does not close a WebSocket. Never rejects */
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

/** Closes the connections whose remote is banned. Never rejects */
export async function sever (connections: readonly Connection[], clock: Clock, isBanned: (remote: Candidate) => boolean): Promise<void> {
    // the peer id is added, because the address of an inbound connection may lack it
  const banned = connections.filter(({ remoteAddr, remotePeer }) => isBanned(candidate(remoteAddr, remotePeer)))

  await Promise.all(banned.map(async connection => closeGently(connection, clock)))
}

/** Aborts a connection. Never throws */
export function abort (connection: Pick<Connection, 'abort'>, err: Error): void {
  try {
    connection.abort(err)
  } catch {
    // there is no other way to close it
  }
}

/**
 * Checks the connection that a transport answered with
 *
 * @throws DialError for a value that is not a connection, or cannot be read; ConnectionClosedError for a closed connection;
 * UnexpectedPeerError for a connection to another peer
 */
export function checkConnection (connection: Connection | undefined, { id, multiaddr }: Candidate): asserts connection is Connection {
  if (typeof connection?.close !== 'function') {
    throw new DialError(`The transport for ${id} answered ${describeValue(connection)} where a connection was expected`)
  }

  checkOpen(connection)
  const { remotePeer } = connection
  const expected = peerOf(multiaddr)

  // a peer id that hashes a key gives the handshake nothing to compare: libp2p accepts any peer then
  if (expected != null && expected !== remotePeer.toString() && !remotePeer.equals(readPeerId(expected))) {
    throw new UnexpectedPeerError(`Dialed peer ${expected} but connected to ${remotePeer.toString()}`)
  }

  // stages read these later. A getter that throws costs one address here, but the whole dial there
  const missing = (['newStream', 'remoteAddr'] as const).find(name => connection[name] == null)
  Reflect.get(connection, 'limits')

  if (missing != null) {
    throw new DialError(`The transport for ${id} answered a connection without ${missing}`)
  }
}

/** @throws ConnectionClosedError for a closed connection */
export function checkOpen ({ status }: Connection): void {
  if (status !== 'open') {
    throw new ConnectionClosedError('Remote closed connection during opening')
  }
}
