import { AbortError } from '@libp2p/interface'
import { readPeerId } from '../../address/peer-id.ts'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { recorderOf } from '../../history/recorder.ts'
import { isWrongPeer, toError } from '../../pipeline/errors.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import type { Connection, Logger, PeerData, PeerId } from '@libp2p/interface'
import type { Attempted } from '../../history/recorder.ts'
import type { Attestation, Candidate, DialComponents } from '../../pipeline/types.ts'

/** Why an attempt ends that no dial needs. Shared: creating an Error costs more than the rest of a cancellation */
export const UNWANTED = new AbortError('Nobody wants this attempt any more')

/** By connection */
const provenances = new WeakMap<Connection, readonly Attestation[]>()

/** Who stood for the address that a connection was dialled over, when it was dialled. Nobody, where no dialer of this package made it */
export function provenanceOf (connection: Connection): readonly Attestation[] {
  return provenances.get(connection) ?? []
}

type AttemptOutcome = Omit<Attempted, 'candidate'>

/** In milliseconds since the epoch. Without a start the attempt has not begun, and nothing is recorded of it */
interface Times {
  readonly startedAt?: number
  readonly firstResponseAt?: number
}

/** The attempt of an address: it has the sources of all who ask for it */
interface RecordedAttempt {
  readonly candidate: Candidate
}

/** Tells the node's history and its address book how one attempt ended, once. Never throws: where a transport has settled, nobody could handle it */
export class OutcomeRecorder {
  /** The outcome was recorded, or says nothing of the address: none is recorded from now on */
  isDone = false
  readonly #attempt: RecordedAttempt
  readonly #components: DialComponents
  readonly #log: Logger

  constructor (attempt: RecordedAttempt, components: DialComponents, log: Logger) {
    this.#attempt = attempt
    this.#components = components
    this.#log = log
  }

  /** The transport has a connection: whoever stands for the address stands for that */
  opened (connection: Connection): void {
    const { provenance } = this.#attempt.candidate

    if (provenances.get(connection) !== provenance) {
      provenances.set(connection, provenance)
    }
  }

  connected (times: Times, endedAt: number, connection: Connection): void {
    // others may have joined since it was opened
    this.opened(connection)
    this.#recordOnce(times, { endedAt, isCancelled: false }, connection)
  }

  failed (times: Times, error: Error): void {
    this.#recordOnce(times, { endedAt: this.#components.clock.now(), error, isCancelled: false })

    if (error.name !== 'DialDeniedError') {
      this.#recordFailure()
    }
  }

  /** The attempt is ended. One that nobody wants any more says nothing of the address, one that took too long does */
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

  /** Notes the time of a failure in the peer store, as libp2p's own dialer does. Nobody's dial waits for what is only a note */
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
      addressBook.refute?.(peer, candidate.multiaddr)
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

/** The keys of libp2p's own dialer, in a peer's metadata: milliseconds since the epoch, as text */
const SUCCESS = 'last-dial-success'
const FAILURE = 'last-dial-failure'

/** Never rejects. The address that answered is stored too */
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

/** Made here: digits are ASCII, and a TextEncoder takes ten times as long for a few bytes */
function timestamp ({ clock }: DialComponents): Uint8Array {
  const digits = Math.round(clock.now()).toString()
  const bytes = new Uint8Array(digits.length)

  for (let i = 0; i < digits.length; i++) {
    bytes[i] = digits.charCodeAt(i)
  }

  return bytes
}

/**
 * Tells the address book that a dial shows an address to others, in a trace, an event or a connection: it keeps its sources in a dial of
 * whoever takes it from there. A book that throws harms no dial
 */
export function handOut (candidate: Candidate, peer: PeerId | undefined, { addressBook, logger }: Pick<DialComponents, 'addressBook' | 'logger'>): void {
  try {
    addressBook?.handOut?.(candidate, peer)
  } catch (err) {
    safeLog(logger, 'libp2p:dial-pipeline').error('the address book could not note an address that was handed out - %e', toError(err))
  }
}

/** Whether the reason of a signal is that time ran out, of whoever aborted it */
export function isTimeout (reason: unknown): reason is Error {
  try {
    return reason instanceof Error && reason.name === 'TimeoutError'
  } catch {
    // a caller may give any reason, also one that cannot be read
    return false
  }
}
