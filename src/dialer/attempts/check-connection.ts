import { ConnectionClosedError, DialError, UnexpectedPeerError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { peerOf } from '../../pipeline/candidate.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Checks what a transport answered
 *
 * @throws DialError for what is no connection, or cannot be read; ConnectionClosedError for one that is closed; UnexpectedPeerError
 * for one to another peer
 */
export function checkConnection (connection: Connection, candidate: Candidate): void {
  checkClosable(connection, candidate)
  checkOpen(connection)
  checkPeer(connection, candidate)
  checkReadable(connection, candidate)
}

function checkClosable (connection: Connection | undefined, { id }: Candidate): void {
  if (typeof connection?.close !== 'function') {
    throw new DialError(`The transport for ${id} answered ${describeValue(connection)} where a connection was expected`)
  }
}

/** Stages read these later. A getter that throws costs one address here, and would cost the dial there */
function checkReadable (connection: Connection, { id }: Candidate): void {
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

/** An id that is the hash of a key tells the handshake nothing to compare: libp2p takes whoever answers there */
function checkPeer ({ remotePeer }: Connection, { multiaddr }: Candidate): void {
  const expected = peerOf(multiaddr)

  if (expected != null && expected !== remotePeer.toString() && !remotePeer.equals(readPeerId(expected))) {
    throw new UnexpectedPeerError(`Dialed peer ${expected} but connected to ${remotePeer.toString()}`)
  }
}
