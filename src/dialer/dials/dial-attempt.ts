import { toError } from '../../pipeline/errors.ts'
import { ALLOWED_LATE, isRestart } from '../../pipeline/runtime/dial-host.ts'
import { nextTurn } from '../../pipeline/clock.ts'
import { isTimeout } from '../attempts/outcome.ts'
import { transportOptionsFor } from '../attempts/nested.ts'
import { attemptEnded, attemptStarted } from './dial-progress.ts'
import type { AttemptEnd } from '../../metrics/observer.ts'
import type { Connection } from '@libp2p/interface'
import type { AttemptListener, BegunAttempt, DialPolicy, PolicySource } from '../../pipeline/runtime/dial-host.ts'
import type { AddressStory, AttemptStory, Story } from '../../pipeline/runtime/story.ts'
import type { Judgements } from '../../pipeline/judgements.ts'
import type { Candidate, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Attempts } from '../attempts/attempts.ts'
import type { OuterDial, TransportOptions } from '../attempts/nested.ts'
import type { Participant } from '../attempts/participants.ts'
import type { SharedAttempt } from '../attempts/shared-attempt.ts'

/** Age of an attempt in milliseconds from which a restart is late: half of libp2p's default `addressDialTimeout` */
const LATE = 3_000

/** The run of a dial, as its attempts see it */
export interface AttemptingRun {
  readonly judgements: Judgements
  readonly story: Story
  readonly dial: OuterDial & { readonly isListening: boolean }
  readonly attempts: Attempts
  readonly options: DialPipelineOptions
  readonly unclaimed: Connection[]
}

/** The part of one dial in an attempt: checks the address, then joins the shared attempt */
export class DialAttempt implements Participant, BegunAttempt {
  readonly listener: AttemptListener
  readonly transportOptions: TransportOptions
  readonly ownTransportOptions?: Readonly<Record<string, unknown>>
  readonly #candidate: Candidate
  readonly #policies: PolicySource
  readonly #run: AttemptingRun
  readonly #story: AddressStory
  #policy?: DialPolicy
  #shared?: SharedAttempt
  #cancelledFor?: Error
  /** Whether `begin()` is on the stack. Failures are deferred meanwhile: a listener that dials again at once would recurse for ever */
  #isBeginning = true
  #isOver = false
  #hasReportedStart = false

  constructor (candidate: Candidate, listener: AttemptListener, policies: PolicySource, ownTransportOptions: Readonly<Record<string, unknown>> | undefined, run: AttemptingRun) {
    this.#candidate = candidate
    this.listener = listener
    this.#policies = policies
    this.transportOptions = transportOptionsFor(run.options)
    this.ownTransportOptions = ownTransportOptions
    this.#run = run
    this.#story = run.story.of(candidate)
  }

  get policy (): DialPolicy { return (this.#policy ??= this.#policies.policyOf(this.#candidate)) }
  get dial (): AttemptingRun['dial'] { return this.#run.dial }
  get hasLeftPrefixSlots (): boolean { return this.#story.hasLeftPrefixSlots === true }

  begin (): this {
    try {
      const checked = this.#run.judgements.check(this.#candidate)

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

    return this
  }

  cancel (reason: Error): void {
    this.#isOver = true
    this.#cancelledFor = reason
    this.#shared?.leave(this, reason)
    this.#reportEnd(isTimeout(reason) ? 'failed' : 'cancelled', reason)
  }

  /** Allows one restart for each address, because a network may seem to change again and again. A late one only if no other address is left to try */
  mayRestart (age: number): boolean {
    return this.#story.hasRestarted !== true && (age <= LATE || !hasOthers(this.#run.story))
  }

  onRestart (): void {
    this.#story.hasRestarted = true
  }

  onPrefixSlotsLeft (): void {
    this.#story.hasLeftPrefixSlots = true
  }

  onStart (at: number): void {
    const { dial } = this
    dial.slotAt ??= at

    this.listener.onStart(at)

    if (dial.isListening && !this.#isOver) {
      this.#hasReportedStart = true
      dial.progress(attemptStarted(this.#candidate), this.#candidate)
    }
  }

  onConnected (connection: Connection): void {
    this.#isOver = true
    // stored first, so that the dial holds the connection before any listener runs
    this.#run.unclaimed.push(connection)
    this.listener.onConnected(connection)
    this.#reportEnd('connected')
  }

  onFailed (error: Error): void {
    if (this.#isBeginning) {
      queueMicrotask(() => { this.#fail(error) })
    } else {
      this.#fail(error)
    }
  }

  /** Reports the end to callers that got the start. Called last, because a listener may end the dial */
  #reportEnd (outcome: AttemptEnd['outcome'], error?: Error): void {
    if (this.#hasReportedStart) {
      this.#hasReportedStart = false
      this.dial.progress(attemptEnded(this.#candidate, outcome, error), this.#candidate)
    }
  }

  #fail (error: Error): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.listener.onFailed(error)
      this.#reportEnd(isRestart(error) ? 'cancelled' : 'failed', error)
    }
  }

  /** Joins after the gater has answered. If that takes longer than a turn, the race goes on, and begins the attempt anew after the answer. Never rejects */
  async #joinAfter (checked: Promise<void>): Promise<void> {
    // the newest of the address: the one that has just begun
    const attempt = this.#story.attempts.at(-1) as AttemptStory
    let isHeld = false
    const cancel = nextTurn(() => {
      isHeld = true

      if (!this.#isOver) {
        attempt.isAtGater = true
        this.listener.onHeld()
      }
    })

    try {
      await checked

      if (!this.#isOver) {
        attempt.isAtGater = false
      }

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
      this.#shared = this.#run.attempts.join(this.#candidate, this)

      // a listener cancelled the attempt while it joined
      if (this.#cancelledFor != null) {
        this.#shared.leave(this, this.#cancelledFor)
      }
    }
  }
}

/** Returns whether the dial has addresses left that it has not attempted */
function hasOthers ({ addresses }: Story): boolean {
  return [...addresses.values()].some(({ position, dropped, attempts }) => position != null && dropped == null && attempts.length === 0)
}
