import { AbortError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { isWrongPeer, toError } from '../../pipeline/errors.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import type { Connection, Logger, PeerData, PeerId } from '@libp2p/interface'
import type { Attempted, Recorder } from '../../history/recorder.ts'
import type { AttemptEnd, ObservedAttempt, Observing } from '../../metrics/observer.ts'
import type { AddressReport, Candidate, DialAddressBook, DialComponents, DialHistory } from '../../pipeline/types.ts'

/** The reason of an attempt that no dial needs any more. Shared: creating an Error costs more than the rest of a cancellation */
export const UNWANTED = new AbortError('Nobody wants this attempt any more')

/** The reports of the address of each connection, at the time of its dial */
const provenances = new WeakMap<Connection, readonly AddressReport[]>()

/** Returns the reports of the address that a connection was dialled over. Empty when no dialer of this package made the connection */
export function provenanceOf (connection: Connection): readonly AddressReport[] {
  return provenances.get(connection) ?? []
}

/** Returns the recorder of a node's history. A read-only history has none of its methods */
export function recorderOf (history: DialHistory): Partial<Recorder> {
  return history as DialHistory & Partial<Recorder>
}

/** An attempt with its times, in milliseconds since the epoch. Without `startedAt` it has not begun, and nothing is recorded */
interface RecordedAttempt extends ObservedAttempt {
  readonly components: DialComponents
  readonly participants: { readonly startedAt?: number, readonly firstResponseAt?: number }
}

/**
 * Records the outcome of one attempt in the node's history and its address book, once, and tells the node's observer. Never throws: no
 * caller could handle the error
 */
export class OutcomeRecorder {
  /** Whether the outcome was recorded, or says nothing of the address. Nothing more is recorded then */
  isDone = false
  readonly #attempt: RecordedAttempt
  readonly #log: Logger
  readonly #observer: Observing

  constructor (attempt: RecordedAttempt, log: Logger, observer: Observing) {
    this.#attempt = attempt
    this.#log = log
    this.#observer = observer
  }

  /** Remembers the reports of the address for the connection */
  opened (connection: Connection): void {
    const { provenance } = this.#attempt.candidate

    if (provenances.get(connection) !== provenance) {
      provenances.set(connection, provenance)
    }
  }

  connected (endedAt: number, connection: Connection): void {
    // other dials may have joined since the connection was opened
    this.opened(connection)
    this.#record('connected', { endedAt, connection })
  }

  failed (error: Error): void {
    this.#record('failed', { error })

    if (error.name !== 'DialDeniedError') {
      this.#storeFailure()
    }
  }

  /** Records the end of an attempt. A timeout counts against the address, a cancellation does not */
  abandoned (reason: Error): void {
    this.#record(reason.name === 'AbortError' ? 'cancelled' : 'failed', { error: reason })

    if (isTimeout(reason)) {
      this.#storeFailure()
    }
  }

  #record (outcome: AttemptEnd['outcome'], { endedAt, error, connection }: { endedAt?: number, error?: Error, connection?: Connection }): void {
    const { components: { clock, history, addressBook }, candidate, participants: { startedAt, firstResponseAt } } = this.#attempt

    if (startedAt == null) {
      return
    }

    const now = clock.now()
    const attempted = { candidate, startedAt, firstResponseAt, endedAt: endedAt ?? now, error, isCancelled: error === UNWANTED }

    if (!this.isDone) {
      this.isDone = true
      this.#safely(() => {
        recorderOf(history).attempted?.(attempted)

        if (addressBook != null) {
          recordInBook(addressBook, attempted, connection)
        }
      })
    }

    this.#observer()?.attemptEnded?.(this.#attempt, { outcome, startedAt, firstResponseAt, endedAt: now, error })
  }

  /** Writes the time of a failure to the peer store, as libp2p's own dialer does. No dial waits for the write */
  #storeFailure (): void {
    const { components, candidate } = this.#attempt

    this.#safely(() => {
      const peer = readPeerId(candidate.facts.peer ?? '')

      if (peer != null) {
        void store(peer, { metadata: { [FAILURE]: timestamp(components) } }, components)
      }
    })
  }

  #safely (fn: () => void): void {
    try {
      fn()
    } catch (err) {
      this.#log.error('could not record the outcome of the dial to %s - %e', this.#attempt.candidate.id, err)
    }
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

/** Encodes by hand: all digits are ASCII, and a TextEncoder takes ten times as long for a few bytes */
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

/** Returns whether a signal's reason is a timeout */
export function isTimeout (reason: unknown): reason is Error {
  try {
    return reason instanceof Error && reason.name === 'TimeoutError'
  } catch {
    // a caller may abort with any reason, also with one that throws when it is read
    return false
  }
}
