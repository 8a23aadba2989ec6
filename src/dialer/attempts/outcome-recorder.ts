import { AbortError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { isWrongPeer, toError } from '../../pipeline/errors.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import type { Connection, Logger, PeerData, PeerId } from '@libp2p/interface'
import type { Attempted, Recorder } from '../../history/recorder.ts'
import type { AddressReport, Candidate, DialComponents, DialHistory } from '../../pipeline/types.ts'

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

type AttemptOutcome = Omit<Attempted, 'candidate'>

/** Times in milliseconds since the epoch. Without `startedAt` the attempt has not begun, and nothing is recorded */
interface Times {
  readonly startedAt?: number
  readonly firstResponseAt?: number
}

/** The attempt of an address, with the reports of all dials that joined */
interface RecordedAttempt {
  readonly candidate: Candidate
}

/** Records the outcome of one attempt in the node's history and its address book, once. Never throws: no caller could handle the error */
export class OutcomeRecorder {
  /** Whether the outcome was recorded, or says nothing of the address. Nothing more is recorded then */
  isDone = false
  readonly #attempt: RecordedAttempt
  readonly #components: DialComponents
  readonly #log: Logger

  constructor (attempt: RecordedAttempt, components: DialComponents, log: Logger) {
    this.#attempt = attempt
    this.#components = components
    this.#log = log
  }

  /** Remembers the reports of the address for the connection */
  opened (connection: Connection): void {
    const { provenance } = this.#attempt.candidate

    if (provenances.get(connection) !== provenance) {
      provenances.set(connection, provenance)
    }
  }

  connected (times: Times, endedAt: number, connection: Connection): void {
    // other dials may have joined since the connection was opened
    this.opened(connection)
    this.#recordOnce(times, { endedAt, isCancelled: false }, connection)
  }

  failed (times: Times, error: Error): void {
    this.#recordOnce(times, { endedAt: this.#components.clock.now(), error, isCancelled: false })

    if (error.name !== 'DialDeniedError') {
      this.#recordFailure()
    }
  }

  /** Records the end of an attempt. A timeout counts against the address, a cancellation does not */
  abandoned (times: Times, reason: Error): void {
    this.#recordOnce(times, { endedAt: this.#components.clock.now(), error: reason, isCancelled: reason === UNWANTED })

    if (isTimeout(reason)) {
      this.#recordFailure()
    }
  }

  #recordOnce ({ startedAt, firstResponseAt }: Times, outcome: Pick<AttemptOutcome, 'endedAt' | 'error' | 'isCancelled'>, connection?: Connection): void {
    if (!this.isDone && startedAt != null) {
      this.isDone = true
      this.#safely(() => { this.#record({ startedAt, firstResponseAt, ...outcome }, connection) })
    }
  }

  /** Writes the time of a failure to the peer store, as libp2p's own dialer does. No dial waits for the write */
  #recordFailure (): void {
    this.#safely(() => {
      const peer = readPeerId(this.#attempt.candidate.facts.peer ?? '')

      if (peer != null) {
        void record(peer, { metadata: { [FAILURE]: timestamp(this.#components) } }, this.#components)
      }
    })
  }

  #record (outcome: AttemptOutcome, connection: Connection | undefined): void {
    const { history, addressBook } = this.#components
    const { candidate } = this.#attempt
    const { error, isCancelled, startedAt, firstResponseAt, endedAt } = outcome
    recorderOf(history).attempted?.({ candidate, ...outcome })

    if (addressBook == null || isCancelled || (error != null && isOwnFailure(failureOf(error, endedAt - startedAt, firstResponseAt != null)))) {
      return
    }

    addressBook.attempted?.(candidate, error == null ? 'connected' : 'failed', connection)
    const peer = error != null && isWrongPeer(error) ? readPeerId(candidate.facts.peer ?? '') : undefined

    if (peer != null) {
      addressBook.invalidate?.(peer, candidate.multiaddr)
    }
  }

  #safely (fn: () => void): void {
    try {
      fn()
    } catch (err) {
      this.#log.error('could not record the outcome of the dial to %s - %e', this.#attempt.candidate.id, err)
    }
  }
}

/** The keys that libp2p's own dialer uses in a peer's metadata. Their values are milliseconds since the epoch, as text */
const SUCCESS = 'last-dial-success'
const FAILURE = 'last-dial-failure'

/** Writes the time of a success and the address that answered to the peer store. Never rejects */
export async function recordSuccess ({ remotePeer, remoteAddr }: Connection, components: DialComponents): Promise<void> {
  return record(remotePeer, { multiaddrs: [remoteAddr], metadata: { [SUCCESS]: timestamp(components) } }, components)
}

async function record (peer: PeerId, data: PeerData, { peerStore, logger }: DialComponents): Promise<void> {
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
