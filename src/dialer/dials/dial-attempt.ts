import { toError } from '../../pipeline/errors.ts'
import { ALLOWED_LATE } from '../../pipeline/runtime/dial-host.ts'
import { nextTurn } from '../../pipeline/runtime/turns.ts'
import type { Connection } from '@libp2p/interface'
import type { DialPolicy, AttemptListener, PolicySource } from '../../pipeline/runtime/dial-host.ts'
import type { Story } from '../../pipeline/runtime/story.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Attempts } from '../attempts/attempts.ts'
import type { OuterDial, TransportOptions } from '../attempts/nested.ts'
import type { Participant } from '../attempts/participants.ts'
import type { DialFloor } from './dial-floor.ts'

/** A dial, as its attempts see it */
export interface AttemptingDial extends OuterDial {
  /** Passes what a transport tells to the callers that listen */
  progress (event: unknown): void
}

/** The parts of a dial that its attempts share */
export interface DialAttemptInit {
  readonly dial: AttemptingDial
  readonly attempts: Attempts
  readonly floor: DialFloor
  readonly freshStarts: FreshStarts
  readonly transportOptions: TransportOptions
  /** Called first: the dial holds the connection from now on */
  readonly onConnected: (connection: Connection) => void
}

/** What one dial does for one attempt: it checks the address, and takes part in the attempt that dials share */
export class DialAttempt implements Participant {
  readonly ownTransportOptions?: Readonly<Record<string, unknown>>
  readonly #candidate: Candidate
  readonly #listener: AttemptListener
  readonly #policies: PolicySource
  readonly #init: DialAttemptInit
  #policy?: DialPolicy
  #leave?: (reason: Error) => void
  #cancelledFor?: Error
  /** A listener that dials once more in the same turn would never let go of it */
  #isBeginning = true
  #isOver = false

  constructor (candidate: Candidate, listener: AttemptListener, policies: PolicySource, ownTransportOptions: Readonly<Record<string, unknown>> | undefined, init: DialAttemptInit) {
    this.#candidate = candidate
    this.#listener = listener
    this.#policies = policies
    this.ownTransportOptions = ownTransportOptions
    this.#init = init
  }

  get policy (): DialPolicy { return (this.#policy ??= this.#policies.policyOf(this.#candidate)) }
  get dial (): AttemptingDial { return this.#init.dial }
  get transportOptions (): TransportOptions { return this.#init.transportOptions }
  get hasLeftPlace (): boolean { return this.#init.freshStarts.hasLeftPlace(this.#candidate) }

  begin (): void {
    try {
      const checked = this.#init.floor.check(this.#candidate)

      if (checked == null) {
        this.#join()
      } else {
        void this.#joinAfter(checked)
      }
    } catch (err) {
      this.onFailed(toError(err))
    } finally {
      this.#isBeginning = false
    }
  }

  cancel (reason: Error): void {
    this.#isOver = true
    this.#cancelledFor = reason
    this.#leave?.(reason)
  }

  mayRestart (age: number): boolean {
    return this.#init.freshStarts.mayRestart(this.#candidate, age)
  }

  onRestart (): void {
    this.#init.freshStarts.restarted(this.#candidate)
  }

  onPlaceLeft (): void {
    this.#init.freshStarts.leftPlace(this.#candidate)
  }

  onHeld (): void {
    this.#listener.onHeld()
  }

  onStart (at: number): void {
    this.#listener.onStart(at)
  }

  onFirstResponse (at: number): void {
    this.#listener.onFirstResponse(at)
  }

  onMark (type: string, at: number): void {
    this.#listener.onMark(type, at)
  }

  onProgress (event: unknown): void {
    this.dial.progress(event)
  }

  onConnected (connection: Connection): void {
    this.#isOver = true
    this.#init.onConnected(connection)
    this.#listener.onConnected(connection)
  }

  onFailed (error: Error): void {
    if (this.#isBeginning) {
      queueMicrotask(() => { this.#fail(error) })
    } else {
      this.#fail(error)
    }
  }

  #fail (error: Error): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.#listener.onFailed(error)
    }
  }

  /** Never rejects. While the gater takes its time the race goes on, so that an attempt which it allows then begins anew */
  async #joinAfter (checked: Promise<void>): Promise<void> {
    let isHeld = false
    const cancel = nextTurn(() => {
      isHeld = true

      if (!this.#isOver) {
        this.onHeld()
      }
    })

    try {
      await checked

      if (isHeld) {
        this.onFailed(ALLOWED_LATE)
      } else {
        this.#join()
      }
    } catch (err) {
      this.onFailed(toError(err))
    } finally {
      cancel()
    }
  }

  #join (): void {
    if (!this.#isOver) {
      this.#leave = this.#init.attempts.join(this.#candidate, this)

      // a listener that was told something at once
      if (this.#cancelledFor != null) {
        this.#leave(this.#cancelledFor)
      }
    }
  }
}

/** Milliseconds: half of the time that an attempt has */
const LATE = 3_000

/** Which addresses of one dial were attempted anew, and may be */
export class FreshStarts {
  readonly #story: Story
  #restarted?: Set<string>
  #placesLeft?: Set<string>

  constructor (story: Story) {
    this.#story = story
  }

  /**
   * Whether an attempt of that age may begin anew in another network. Once for each address, as one network may seem to change again and
   * again. Not late, where the dial has others to go on with
   */
  mayRestart ({ id }: Candidate, age: number): boolean {
    return this.#restarted?.has(id) !== true && (age <= LATE || !hasOthers(this.#story))
  }

  restarted ({ id }: Candidate): void {
    this.#restarted = (this.#restarted ?? new Set()).add(id)
  }

  /** Whether the dial has left the places of an address to others before */
  hasLeftPlace ({ id }: Candidate): boolean {
    return this.#placesLeft?.has(id) === true
  }

  leftPlace ({ id }: Candidate): void {
    this.#placesLeft = (this.#placesLeft ?? new Set()).add(id)
  }
}

/** Whether there is something that the dial has not attempted yet */
function hasOthers ({ addresses }: Story): boolean {
  return [...addresses.values()].some(({ listed, dropped, attempts }) => listed && dropped == null && attempts.length === 0)
}
