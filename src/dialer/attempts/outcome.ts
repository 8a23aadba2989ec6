import { AbortError, ConnectionClosedError, DialError, UnexpectedPeerError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { failureOf, isOwnFailure } from '../../pipeline/failure.ts'
import { peerOf } from '../../pipeline/candidate.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { isWrongPeer, toError } from '../../pipeline/errors.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { formatAddresses } from '../../pipeline/safe-text.ts'
import type { Connection, Logger, PeerData, PeerId } from '@libp2p/interface'
import type { Attempted, Recorder } from '../../history/recorder.ts'
import type { AttemptEnd, ObservedAttempt, Observing } from '../../metrics/observer.ts'
import type { AddressReport, Candidate, DialAddressBook, DialComponents, DialHistory } from '../../pipeline/types.ts'

/** The abort reason of an attempt that no dial needs any more. Shared: creating an Error costs more than the rest of a cancellation */
export const UNWANTED = new AbortError('Nobody wants this attempt any more')

/** The reports of the address of each connection, at the time of its dial */
const provenances = new WeakMap<Connection, readonly AddressReport[]>()

/** Returns the reports of the address that a connection was dialled over. Empty when no dialer of this package made the connection */
export function provenanceOf (connection: Connection): readonly AddressReport[] {
  return provenances.get(connection) ?? []
}

/** Returns a node's history as a recorder. A read-only history has none of a recorder's methods */
export function recorderOf (history: DialHistory): Partial<Recorder> {
  return history as DialHistory & Partial<Recorder>
}

/** An attempt with its times, in milliseconds since the epoch. Without `startedAt` it has not begun, and nothing is recorded */
interface RecordedAttempt extends ObservedAttempt {
  readonly host: { readonly components: DialComponents, readonly log: Logger, readonly observer: Observing }
  readonly participants: { readonly startedAt?: number, readonly firstResponseAt?: number }
  /** Whether the outcome was recorded, or says nothing of the address. Nothing more is recorded then */
  isRecorded: boolean
}

export function recordOpened ({ candidate: { provenance } }: RecordedAttempt, connection: Connection): void {
  provenances.set(connection, provenance)
}

export function recordConnected (attempt: RecordedAttempt, endedAt: number, connection: Connection): void {
  // once more, because dials with further reports may have joined since the connection was opened
  recordOpened(attempt, connection)
  record(attempt, 'connected', { endedAt, connection })
}

export function recordFailed (attempt: RecordedAttempt, error: Error): void {
  record(attempt, 'failed', { error })

  if (error.name !== 'DialDeniedError') {
    storeFailure(attempt)
  }
}

/** Records the end of an attempt. A timeout counts against the address, a cancellation does not */
export function recordAbandoned (attempt: RecordedAttempt, reason: Error): void {
  record(attempt, reason.name === 'AbortError' ? 'cancelled' : 'failed', { error: reason })

  if (isTimeout(reason)) {
    storeFailure(attempt)
  }
}

/** Records the outcome in the node's history and its address book, once, and tells its observer. Never throws: no caller could handle the error */
function record (attempt: RecordedAttempt, outcome: AttemptEnd['outcome'], { endedAt, error, connection }: { endedAt?: number, error?: Error, connection?: Connection }): void {
  const { host: { components: { clock, history, addressBook }, observer }, candidate, participants: { startedAt, firstResponseAt } } = attempt

  if (startedAt == null) {
    return
  }

  const now = clock.now()
  const attempted = { candidate, startedAt, firstResponseAt, endedAt: endedAt ?? now, error, isCancelled: error === UNWANTED }

  if (!attempt.isRecorded) {
    attempt.isRecorded = true
    safely(attempt, () => {
      recorderOf(history).attempted?.(attempted)

      if (addressBook != null) {
        recordInBook(addressBook, attempted, connection)
      }
    })
  }

  observer()?.attemptEnded?.(attempt, { outcome, startedAt, firstResponseAt, endedAt: now, error })
}

/** Writes the time of a failure to the peer store, as libp2p's own dialer does. No dial waits for the write */
function storeFailure (attempt: RecordedAttempt): void {
  const { host: { components }, candidate } = attempt

  safely(attempt, () => {
    const peer = readPeerId(candidate.facts.peer ?? '')

    if (peer != null) {
      void store(peer, { metadata: { [FAILURE]: timestamp(components) } }, components)
    }
  })
}

function safely ({ candidate, host: { log } }: RecordedAttempt, fn: () => void): void {
  try {
    fn()
  } catch (err) {
    log.error('could not record the outcome of the dial to %s - %e', candidate.id, err)
  }
}

function recordInBook (addressBook: DialAddressBook, { candidate, startedAt, firstResponseAt, endedAt, error, isCancelled }: Attempted, connection: Connection | undefined): void {
  if (isCancelled || (error != null && isOwnFailure(failureOf(error, endedAt - startedAt, firstResponseAt != null)))) {
    return
  }

  addressBook.attempted?.(candidate, error == null ? 'connected' : 'failed', connection)
  const peer = error != null && isWrongPeer(error) ? readPeerId(candidate.facts.peer ?? '') : undefined

  if (peer != null) {
    addressBook.invalidate?.(peer, candidate.multiaddr)
  }
}

/** The keys that libp2p's own dialer uses in a peer's metadata. Their values are milliseconds since the epoch, as text */
const SUCCESS = 'last-dial-success'
const FAILURE = 'last-dial-failure'

/** Writes the time of a success and the address that answered to the peer store. Never rejects */
export async function recordSuccess ({ remotePeer, remoteAddr }: Connection, components: DialComponents): Promise<void> {
  return store(remotePeer, { multiaddrs: [remoteAddr], metadata: { [SUCCESS]: timestamp(components) } }, components)
}

async function store (peer: PeerId, data: PeerData, { peerStore, logger }: DialComponents): Promise<void> {
  try {
    await peerStore.merge(peer, data)
  } catch (err) {
    safeLog(logger, 'libp2p:dial-pipeline').error('could not store the outcome of the dial to %p - %e', peer, err)
  }
}

/** Returns the time as libp2p stores it. The digits are encoded by hand: a TextEncoder takes ten times as long for a few bytes */
function timestamp ({ clock }: DialComponents): Uint8Array {
  const digits = Math.round(clock.now()).toString()
  const bytes = new Uint8Array(digits.length)

  for (let i = 0; i < digits.length; i++) {
    bytes[i] = digits.charCodeAt(i)
  }

  return bytes
}

/**
 * Tells the address book that a trace, an event or a connection shows an address to others. An address that comes back from there
 * keeps its sources. An address book that throws harms no dial
 */
export function handOut (candidate: Candidate, peer: PeerId | undefined, { addressBook, logger }: Pick<DialComponents, 'addressBook' | 'logger'>): void {
  try {
    addressBook?.handOut?.(candidate, peer)
  } catch (err) {
    safeLog(logger, 'libp2p:dial-pipeline').error('the address book could not note an address that was handed out - %e', toError(err))
  }
}

/** Tells the address book that a connection shows its address to others */
export function handOutConnected (candidate: Candidate, { remoteAddr, remotePeer }: Connection, components: DialComponents): void {
  // most nodes have no address book, and the copy costs
  if (components.addressBook != null) {
    handOut({ ...candidate, multiaddr: remoteAddr }, remotePeer, components)
  }
}

/** Returns whether a signal's reason is a timeout */
export function isTimeout (reason: unknown): reason is Error {
  try {
    return reason instanceof Error && reason.name === 'TimeoutError'
  } catch {
    // a caller may abort with any reason, also with one that throws when it is read
    return false
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
    throw new DialError(`The transport for ${formatAddresses([id])} answered ${describeValue(connection)} where a connection was expected`)
  }

  checkOpen(connection)
  const { remotePeer } = connection
  const expected = peerOf(multiaddr)

  // a peer id that hashes a key gives the handshake nothing to compare: libp2p accepts any peer then
  if (expected != null && expected !== remotePeer.toString() && !remotePeer.equals(readPeerId(expected))) {
    throw new UnexpectedPeerError(`Dialed peer ${expected} but connected to ${remotePeer.toString()}`)
  }

  // stages read these members later. A getter that throws costs one address here, but the whole dial there
  const missing = (['newStream', 'remoteAddr'] as const).find(name => connection[name] == null)
  Reflect.get(connection, 'limits')

  if (missing != null) {
    throw new DialError(`The transport for ${formatAddresses([id])} answered a connection without ${missing}`)
  }
}

/** @throws ConnectionClosedError for a closed connection */
export function checkOpen ({ status }: Connection): void {
  if (status !== 'open') {
    throw new ConnectionClosedError('Remote closed connection during opening')
  }
}
