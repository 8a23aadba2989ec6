import { AbortError, TimeoutError } from '@libp2p/interface'
import { isRestart, SIGNALING } from '../pipeline/runtime/dial-host.ts'
import { refusersOf } from '../pipeline/runtime/part.ts'
import { formatAddresses } from '../pipeline/safe-text.ts'
import type { DetachedAttempt } from '../pipeline/runtime/part.ts'
import type { AttemptListener, BegunAttempt } from '../pipeline/runtime/dial-host.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { AttemptStory } from '../pipeline/runtime/story.ts'
import type { AttemptLayer, Candidate, Flight as StartedFlight } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

// shared: creating an Error costs more than the rest of a cancellation
const OVER = new AbortError('The race is over')

const ENCRYPTS = 'upgrader:encrypt-outbound-connection'
const CHOOSES_MUXER = 'upgrader:multiplex-outbound-connection'

/** Milliseconds that a layer may make an attempt wait before other candidates start: the Connection Attempt Delay of RFC 8305, section 8 */
const LAYER_DELAY = 250

/** The race that runs a flight */
export interface FlightOwner {
  started (flight: Flight, at: number): void
  /** Called at the end of a flight. Without an error or a connection, the flight was cancelled */
  ended (flight: Flight, error?: Error): void
}

/** An attempt of a race, from the moment that the race asks for it. Leaving the race, recording the outcome and waking the race are one step */
export class Flight implements AttemptListener, DetachedAttempt {
  readonly candidate: Candidate
  /** The record of the attempt in the trace. It has the connection and the result */
  readonly story: AttemptStory
  /** Undefined while no race runs the flight */
  owner?: FlightOwner
  /** Whether the attempt waits for the gater, for the slot of an IP prefix, or in a layer. Other candidates then need not wait for it */
  isHeld = false
  /** Whether the attempt has its slot, and waits for a turn of the event loop */
  hasSlot = false
  /** Undefined while the attempt waits for a slot */
  startedAt?: number
  firstResponseAt?: number
  /** When the transport emitted its latest progress event */
  markedAt?: number
  /** Whether the relayed connection for the signalling of WebRTC is open */
  hasRelay = false
  /** Whether another flight has given its slot to this one */
  hasWay = false
  #snapshot?: StartedFlight
  /** The dial, as seen by the race that began the flight */
  readonly #begun: RaceDial
  /** The dial, as seen by the race that runs the flight, or ran it last */
  #dial: RaceDial
  #attempt?: BegunAttempt
  #limit?: number
  #cancelTimer?: () => void

  constructor (dial: RaceDial, candidate: Candidate, owner: FlightOwner) {
    this.#begun = this.#dial = dial
    this.candidate = candidate
    this.owner = owner
    this.story = dial.part.host.story.begin(candidate, dial.clock.now())
  }

  /** The flight as timing rules see it, the same object until something changes. Undefined while it waits for a slot */
  get snapshot (): StartedFlight | undefined {
    const { candidate, startedAt, firstResponseAt } = this

    return startedAt == null ? undefined : (this.#snapshot ??= Object.freeze({ candidate, startedAt, firstResponseAt }))
  }

  /**
   * @param layers the layers around the attempt
   * @param limit milliseconds that the attempt may take once it has its slot
   */
  begin (layers: readonly AttemptLayer[], limit: number | undefined): void {
    this.#limit = limit
    this.#attempt = this.#dial.attempt(this.candidate, this, layers)
  }

  get hasEnded (): boolean { return this.story.result != null }

  /** Continues the flight in another race, which gets its outcome */
  adopt (dial: RaceDial, owner: FlightOwner): void {
    this.#dial = dial
    this.owner = owner
    this.#addConnected()
  }

  /** Cancels the flight without an outcome: its candidate counts as untried */
  cancel (reason: Error): void {
    if (!this.hasEnded) {
      this.#attempt?.cancel(reason)
      this.#end('cancelled')
    }
  }

  /** Cancels the flight, and discards a connection that it has already made */
  abandon (): void {
    const { connection } = this.story
    this.cancel(OVER)

    if (connection != null) {
      this.#dial.discard(connection)
    }
  }

  /** Ends the flight with a failure as its outcome */
  fail (error: Error): void {
    if (!this.hasEnded) {
      this.#attempt?.cancel(error)
      this.#end('failed', error)
    }
  }

  onHeld (): void {
    this.isHeld = true
    this.#wake()
  }

  onLayerWait (isWaiting: boolean): void {
    this.#cancelTimer?.()
    this.story.isInLayer = isWaiting

    if (!isWaiting) {
      this.isHeld = false
      this.#wake()
    } else if (!this.isHeld) {
      this.#cancelTimer = this.#dial.clock.setTimeout(() => { this.onHeld() }, LAYER_DELAY)
    }
  }

  onSlot (): void {
    this.hasSlot = true
  }

  onStart (at: number): void {
    const { clock } = this.#dial
    const limit = this.#limit
    this.startedAt = at
    // a layer may have started it before, and the answer of that try says nothing about this one
    this.firstResponseAt = this.markedAt = undefined
    this.isHeld = this.hasRelay = false
    this.#snapshot = undefined
    this.story.startedAt ??= at
    this.owner?.started(this, at)

    if (limit != null) {
      this.#cancelTimer?.()
      this.#cancelTimer = clock.setTimeout(() => { this.fail(new TimeoutError(`No connection to ${formatAddresses([this.candidate.id])} after ${limit} ms`)) }, limit)
    }

    this.#wake()
  }

  onFirstResponse (at: number): void {
    this.firstResponseAt = this.markedAt = at
    this.#snapshot = undefined
    this.story.firstResponseAt ??= at
    this.#wake()
  }

  onMark (type: string, at: number): void {
    this.markedAt = at

    if (type === ENCRYPTS) {
      this.story.openedAt ??= at
    } else if (type === CHOOSES_MUXER) {
      this.story.encryptedAt ??= at
    } else if (type === SIGNALING) {
      this.hasRelay = true
      this.#wake()
    }
  }

  onConnected (connection: Connection): void {
    this.story.connection = connection
    this.#end('connected')
  }

  onFailed (error: Error): void {
    if (isRestart(error)) {
      this.#end('cancelled')
    } else {
      this.#end('failed', error)
    }
  }

  #end (result: 'connected' | 'failed' | 'cancelled', error?: Error): void {
    const { candidate, story: { requestedAt, startedAt = requestedAt } } = this
    const { host, memory } = this.#dial.part
    const endedAt = this.#dial.clock.now()
    this.#cancelTimer?.()
    this.story.result = result
    this.owner?.ended(this, error)
    this.#addConnected(endedAt)

    if (error != null) {
      this.story.error = error
      // only what its own race has: a dial of the relay may be made for others too
      this.story.refusers = refusersOf(error).filter(one => this.#begun.has(one))
      memory.add({ status: 'failed', candidate, error, startedAt, endedAt })
      host.target.invalidate()
    }

    this.#wake()
    host.story.end(this.story, endedAt)
  }

  /** Records a connection as the outcome. A connection without an owner is no outcome: the next race takes it, or dials the address again */
  #addConnected (endedAt = this.story.endedAt ?? this.#dial.clock.now()): void {
    const { candidate, owner, story: { connection, requestedAt, startedAt = requestedAt } } = this

    if (connection != null && owner != null) {
      this.#dial.part.memory.add({ status: 'connected', candidate, connection, startedAt, endedAt })
    }
  }

  #wake (): void {
    this.#dial.part.host.target.wake.notify()
  }
}

export function hasStarted (flight: Flight): flight is Flight & StartedFlight {
  return flight.startedAt != null
}
