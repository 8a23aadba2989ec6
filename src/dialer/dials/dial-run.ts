import { AbortError } from '@libp2p/interface'
import { recorderOf } from '../../history/recorder.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { InvalidStageOutputError, toError } from '../../pipeline/errors.ts'
import { connect } from '../../pipeline/runtime/connect.ts'
import { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { Story } from '../../pipeline/runtime/story.ts'
import { DialAttempt, FreshStarts } from './dial-attempt.ts'
import { dialError, dialTimeoutError, logged, wasInVain } from './dial-error.ts'
import { DialFloor } from './dial-floor.ts'
import { handOut } from '../attempts/hand-out.ts'
import { tellStart } from './tell-start.ts'
import { describePeer, transportOptionsFor } from '../attempts/nested.ts'
import { UnclaimedConnections } from './unclaimed-connections.ts'
import type { AttemptingDial, DialAttemptInit } from './dial-attempt.ts'
import type { DialNode } from './dial-node.ts'
import type { ParsedTarget } from './target.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { AttemptListener, Awaited, CancelAttempt, DialHost, MadeList, PolicySource } from '../../pipeline/runtime/dial-host.ts'
import type { AnyStage, Candidate, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

const ENDED = new AbortError('The dial has ended')

/** What the run of a dial takes of it */
export interface RunningDial extends AttemptingDial {
  readonly requested: ParsedTarget
  readonly options: DialPipelineOptions
  readonly pipeline: AnyStage
  /** The filters that a dial inherits which is made for others */
  readonly inherited?: readonly AnyStage[]
  /** The identities of what each caller has named, where it has had several */
  readonly named?: ReadonlyArray<ReadonlySet<string>>
  /** Whether a caller listens to its progress */
  readonly isListening: boolean
}

export interface DialRunEvents {
  /** The pipeline has yielded a connection: the first, or a better one */
  onConnected: (connection: Connection) => void
  /** Nothing is left to dial, and a source is asked for more: a slow answer keeps no other dial waiting */
  onLookingFurther?: () => void
  /** The pipeline has ended. `error` is set where it has given no connection; attempts that lost may still be on their way out */
  onEnded: (run: DialRun) => void
}

/** The run of one dial's pipeline, and what the engine does for it */
export class DialRun implements DialHost {
  readonly target: LiveTarget
  readonly story: Story
  readonly startedAt: number
  readonly options: DialPipelineOptions
  endedAt?: number
  connection?: Connection
  error?: Error
  /** The version of the target that a race looked at last. Callers whose addresses came later have not had their dial */
  lastLook = Infinity

  readonly #node: DialNode
  readonly #dialing: RunningDial
  readonly #part: Part
  readonly #floor: DialFloor
  /** The parts of the dial that its attempts share */
  readonly #ofAttempts: DialAttemptInit
  readonly #unclaimed = new UnclaimedConnections()
  /** The answer where none better comes in time */
  #kept?: Connection
  #onConnected?: DialRunEvents['onConnected']
  #onLookingFurther?: DialRunEvents['onLookingFurther']
  #hasListed = false
  /** Of the race that looked last. None once the dial has ended: a trace would keep its stages */
  #lists?: Awaited
  /** The stages that had something pending when the dial was ended */
  #unanswered?: readonly string[]

  constructor (node: DialNode, dialing: RunningDial) {
    const { peerId, multiaddrs } = dialing.requested
    this.#node = node
    this.#dialing = dialing
    this.startedAt = node.components.clock.now()
    // routers and resolvers tell all callers what they do
    this.options = { ...dialing.options, onProgress: event => { dialing.progress(event) } }
    this.target = new LiveTarget(peerId, multiaddrs)
    this.story = new Story(node.components.addressBook == null ? undefined : candidate => { handOut(candidate, peerId, node.components) })
    this.#floor = new DialFloor(node.components, { peerId, isOfRelay: this.isOfRelay, describe: () => describePeer(peerId, dialing) })
    this.#ofAttempts = {
      dial: dialing,
      attempts: node.attempts,
      floor: this.#floor,
      freshStarts: new FreshStarts(this.story),
      transportOptions: transportOptionsFor(dialing.options),
      onConnected: connection => { this.#unclaimed.add(connection) }
    }
    this.#part = new Part(this)
  }

  get node (): DialComponents { return this.#node.components }
  get clock (): Clock { return this.#node.components.clock }
  get log (): Logger { return this.#node.log }
  get inherited (): readonly AnyStage[] | undefined { return this.#dialing.inherited }
  get named (): ReadonlyArray<ReadonlySet<string>> | undefined { return this.#dialing.named }
  get isOfRelay (): boolean { return this.#dialing.lineage.isOfRelay }
  get timeout (): number { return this.#node.components.settings.addressDialTimeout }

  /** The stages that have something pending, by name, and what was pending when the dial was ended without a connection */
  get awaited (): readonly string[] | undefined {
    return this.connection == null ? this.#lists?.awaited ?? this.#unanswered : undefined
  }

  end (reason: unknown): void {
    // now: what is pending ends with the dial
    this.#unanswered ??= this.awaited
    this.#part.end(reason)
  }

  /** Never rejects; resolves when the pipeline has ended, and all attempts have */
  async run ({ onConnected, onLookingFurther, onEnded }: DialRunEvents): Promise<void> {
    const part = this.#part
    this.#onConnected = onConnected
    this.#onLookingFurther = onLookingFurther

    try {
      if (!this.#node.barrier.isOpen) {
        await this.#node.barrier.pass(part.signal)
      }

      part.throwIfEnded()
      // also where nothing is to be waited for: whoever asks for the same in this turn hears all of it
      await this.#floor.checkPeer(part)
      await this.#connect(onConnected)
      this.settleForKept()
      this.error = this.connection == null ? this.#dialError() : undefined
      this.#recordUnreachable()
    } catch (err) {
      // who has brought what does not matter: it would fail once more
      this.lastLook = Infinity

      if (this.connection == null) {
        this.error = part.isEnded ? part.reason as Error : logged(toError(err), this.log)
      } else if (!part.isEnded) {
        this.log.error('dial to %p failed after it had connected - %e', this.target.current.peerId, err)
      }
    }

    this.endedAt = this.clock.now()
    this.#lists = undefined
    this.end(ENDED)
    onEnded(this)

    // those that lost are on their way out
    await this.story.settled()
    // stages have kept them to themselves
    for (const connection of this.#unclaimed) {
      this.discard(connection)
    }
  }

  async #connect (onConnected: (connection: Connection) => void): Promise<void> {
    for await (const connection of connect(this.#dialing.pipeline, this.#part)) {
      this.#checkOrigin(connection)
      this.connection = connection
      onConnected(connection)

      if (!this.#part.lingers) {
        // first, so that everything that waits has been told when the generators are returned
        this.end(ENDED)
        return
      }
    }
  }

  /** The time of a caller, or of a part of the pipeline, is over: whether there is a connection that is the answer then */
  settleForKept (): boolean {
    const kept = this.#kept

    if (this.connection != null || kept?.status !== 'open') {
      return false
    }

    this.#unclaimed.remove(kept)
    this.connection = kept
    this.#onConnected?.(kept)
    this.end(ENDED)

    return true
  }

  /** The error of a caller whose time is over: what the addresses have failed with until now, and which stages are awaited */
  timeoutError (): Error {
    return dialTimeoutError(this.story.errors.length === 0 ? undefined : this.#dialError(), this.#lists?.awaited ?? [])
  }

  #dialError (): Error {
    return dialError(this.story, this.#floor.denied, describePeer(this.target.current.peerId, this.#dialing), this.#node.components.bans)
  }

  /** A connection that wraps another would leave that one open, with nobody to close it */
  #checkOrigin (connection: Connection): void {
    if (!this.#unclaimed.remove(connection) && connection !== this.connection && !this.#node.components.connectionManager.getConnections().includes(connection)) {
      throw new InvalidStageOutputError('pipeline', `yielded a connection to ${describeValue(connection.remoteAddr)} that no attempt of the dial has made: connections are passed on as they are`)
    }
  }

  /** A dial that ended by itself, and in which all that was attempted failed, says something of the peer */
  #recordUnreachable (): void {
    const { peerId } = this.target.current

    if (this.connection == null && !this.#part.isEnded && peerId != null && wasInVain(this.story)) {
      recorderOf(this.#node.components.history).unreachable?.(peerId)
    }
  }

  attempt (candidate: Candidate, listener: AttemptListener, policies: PolicySource, transport?: Readonly<Record<string, unknown>>): CancelAttempt {
    const attempt = new DialAttempt(candidate, listener, policies, transport, this.#ofAttempts)
    attempt.begin()

    return reason => { attempt.cancel(reason) }
  }

  discard (connection: Connection): void {
    if (this.#unclaimed.remove(connection)) {
      this.#node.attempts.discard(connection, this.#dialing)
    }
  }

  keep (connection: Connection): void {
    this.#kept = connection
  }

  looked ({ candidates, isLookingFurther }: MadeList, lists: Awaited): void {
    this.lastLook = this.target.version
    this.#lists = lists

    if (isLookingFurther) {
      this.#onLookingFurther?.()
    }

    if (!this.#hasListed && candidates.length > 0) {
      this.#hasListed = true
      tellStart(this.#node.queueLog, this.#dialing, this.target.current.peerId, candidates)
    }
  }

  whyNotDialable (candidate: Candidate): string | undefined {
    return this.#floor.whyNotDialable(candidate)
  }

  gate (candidate: Candidate): boolean | Promise<boolean> {
    return this.#floor.gate(candidate)
  }
}
