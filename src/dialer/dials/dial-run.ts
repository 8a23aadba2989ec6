import { AbortError } from '@libp2p/interface'
import { describeValue } from '../../pipeline/describe-value.ts'
import { InvalidStageOutputError, toError } from '../../pipeline/errors.ts'
import { Judgements } from '../../pipeline/judgements.ts'
import { connect } from '../../pipeline/runtime/connect.ts'
import { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { Story } from '../../pipeline/runtime/story.ts'
import { handOut } from '../attempts/outcome.ts'
import { describePeer } from '../attempts/nested.ts'
import { DialAttempt } from './dial-attempt.ts'
import { addressDropped } from './dial-progress.ts'
import { dialError, dialTimeoutError, logged } from './dial-error.ts'
import { mayAnswer } from './open-connections.ts'
import { recordUnreachable } from './record-unreachable.ts'
import { addTrace } from './traced-dial.ts'
import type { Attempts } from '../attempts/attempts.ts'
import type { FailedDial } from './dial-error.ts'
import type { AttemptingRun } from './dial-attempt.ts'
import type { DialNode, RunningDial } from './dial-node.ts'
import type { Drop } from '../../pipeline/runtime/story.ts'
import type { AttemptListener, PendingWork, DialHost, MadeList, PolicySource } from '../../pipeline/runtime/dial-host.ts'
import type { AnyStage, Candidate, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** The reason of a run that has ended by itself */
const ENDED = new AbortError('The dial has ended')

/** Runs the pipeline of one dial, and stands between its stages and the engine */
export class DialRun implements DialHost, AttemptingRun {
  readonly target: LiveTarget
  readonly story: Story
  readonly judgements: Judgements
  readonly startedAt: number
  readonly options: DialPipelineOptions
  readonly dial: RunningDial
  /** The connections of the attempts that were neither yielded nor discarded. A connection that two attempts yielded counts twice */
  readonly unclaimed: Connection[] = []
  /** Time of the end. Cancelled attempts may end later */
  endedAt?: number
  connection?: Connection
  error?: Error
  /** The version of the target at the race's last look. Callers whose addresses came later get another dial */
  lastLook = Infinity
  readonly #node: DialNode
  readonly #part: Part
  #hasListed = false
  /** The pending work above the race that pulled last */
  #lists?: PendingWork
  /** The stages that were pending at the end */
  #unanswered?: readonly string[]
  /** The error of callers that have timed out */
  #timeoutError?: Error

  constructor (node: DialNode, dial: RunningDial) {
    const { peerId } = dial.requested
    this.#node = node
    this.dial = dial
    this.startedAt = node.components.clock.now()
    // the progress of routers and resolvers goes to all callers
    this.options = { ...dial.options, onProgress: event => { dial.progress(event) } }
    this.target = new LiveTarget(peerId, dial.multiaddrs)
    this.story = new Story(node.components.addressBook == null ? undefined : candidate => { handOut(candidate, peerId, node.components) })
    this.judgements = new Judgements(node.components, peerId, this.isOfRelay)
    this.#part = new Part(this)
  }

  get node (): DialComponents { return this.#node.components }
  get attempts (): Attempts { return this.#node.attempts }
  get log (): Logger { return this.#node.log }
  get inherited (): readonly AnyStage[] | undefined { return this.dial.inherited }
  get named (): ReadonlyArray<ReadonlySet<string>> | undefined { return this.dial.named }
  get isOfPeer (): boolean { return this.dial.isOfPeer === true }
  get isOfRelay (): boolean { return this.dial.lineage.isOfRelay }

  /** The error of the dial, even before its callers get it */
  get failure (): unknown { return this.connection == null ? this.error ?? this.#part.reason : undefined }

  /** The things that the dial waits for, such as pending stages. After a dial without a connection: those at its end */
  get awaited (): readonly string[] { return this.#unanswered ?? [...this.judgements.awaited, ...this.#lists?.awaited ?? [], ...this.story.below, ...this.dial.isWaitingForSlot ? ['a slot'] : []] }

  /** The names of the stages that hold an address, neither keeping nor dropping it, by address id */
  get held (): ReadonlyMap<string, string> | undefined { return this.#lists?.held }

  /** Whether something outside has ended the dial, such as the signal of its last caller. A timeout of the callers does not count */
  get isAborted (): boolean { return this.endedAt != null && this.#part.reason !== ENDED && this.#part.reason !== this.#timeoutError }

  end (reason: unknown): void {
    if (this.endedAt == null) {
      // the pending stages are read before the end, because the end clears them
      this.#unanswered = this.connection == null ? this.awaited : []
      this.endedAt = this.#part.clock.now()
      this.#part.end(reason)
    }
  }

  /** Resolves when the pipeline and all attempts have ended. Never rejects */
  async run (): Promise<void> {
    const part = this.#part

    try {
      // no `await` without a barrier: another turn would cost each dial time
      if (this.#node.barrier != null) {
        await this.#node.barrier.pass(part.signal)
      }

      part.throwIfEnded()
      // awaited even if nothing is pending, so that callers who join in this turn get all progress events
      await this.judgements.checkPeer(part, () => describePeer(this.target.current.peerId, this.dial))
      await this.#connect()
      this.answerProvisionally()
      this.error = this.connection == null ? addTrace(dialError(this.#failed), this.dial.traced) : undefined
    } catch (err) {
      // a stage that throws would throw again, so no caller gets another dial
      this.lastLook = Infinity

      if (this.connection == null) {
        this.error = part.isEnded ? part.reason as Error : addTrace(logged(toError(err), this.log), this.dial.traced)
      } else if (!part.isEnded) {
        this.log.error('dial to %p failed after it had connected - %e', this.target.current.peerId, err)
      }
    }

    if (this.connection == null && this.target.current.peerId != null) {
      recordUnreachable(this.target.current.peerId, this.story, { history: this.node.history, log: this.log }, part.isEnded)
    }

    this.end(ENDED)
    this.#node.onEnded(this.dial)

    // cancelled attempts may still be ending
    await this.story.settled()
    // connections that a stage has kept for itself are closed
    Array.from(this.unclaimed).forEach(connection => { this.discard(connection) })
  }

  async #connect (): Promise<void> {
    for await (const connection of connect(this.dial.pipeline, this.#part)) {
      // a connection that wraps another one would leave that open, and nothing would close it
      if (!this.unclaimed.includes(connection) && connection !== this.connection && !this.node.connectionManager.getConnections().includes(connection)) {
        throw new InvalidStageOutputError('pipeline', `yielded a connection to ${describeValue(connection.remoteAddr)} that no attempt of the dial has made: connections are passed on as they are`)
      }

      // one side has closed the first connection, so a second one is not wanted
      if (this.connection != null && this.findConnection(connection) == null) {
        this.discard(connection)
        return
      }

      this.#yield(connection)

      if (!this.#part.lingers || !this.#node.mayLinger(this.dial)) {
        // ended before the generators return, so that pending work ends first
        this.end(ENDED)
        return
      }
    }
  }

  /** Ends the dial with the connection that its race keeps in case no better one comes. Returns whether there is one */
  answerProvisionally (): boolean {
    const { provisional } = this.story

    if (this.connection != null || provisional == null) {
      return false
    }

    this.#yield(provisional)
    this.end(ENDED)

    return true
  }

  /**
   * Returns the open connection of the dial. When it has closed, another open one to the peer replaces it: libp2p closes duplicates
   * itself. Undefined when none is open
   *
   * @param added the dial's newest connection, which must not be that replacement
   */
  findConnection (added?: Connection): Connection | undefined {
    const yielded = this.connection

    if (yielded == null || yielded.status === 'open') {
      return yielded
    }

    const other = this.node.connectionManager.getConnections(yielded.remotePeer).find(one => one.status === 'open' && one !== added)
    this.connection = other ?? yielded

    return other
  }

  #yield (connection: Connection): void {
    const previous = this.connection
    const isOwn = this.#claim(connection)
    this.connection = connection
    this.#node.onConnected(this.dial, connection, previous, isOwn)
  }

  /** Returns the error of a caller that has timed out. It names the failures so far and the pending stages */
  timeoutError (): Error {
    return (this.#timeoutError ??= addTrace(dialTimeoutError(this.#failed, this.awaited), this.dial.traced))
  }

  get #failed (): FailedDial {
    return { story: this.story, denied: this.judgements.denied, peer: this.dial.requested.peer, peerInWords: describePeer(this.target.current.peerId, this.dial), bans: this.node.bans, inherited: this.inherited }
  }

  attempt (candidate: Candidate, listener: AttemptListener, policies: PolicySource, transport?: Readonly<Record<string, unknown>>): DialAttempt {
    return new DialAttempt(candidate, listener, policies, transport, this).begin()
  }

  dropped (candidate: Candidate, drop: Drop & { readonly stage: string }): void {
    this.#node.observer()?.addressDropped?.(this.dial, candidate, drop)

    if (this.dial.isListening) {
      // deferred: a listener may end the dial, and the stage has not returned yet
      queueMicrotask(() => { this.dial.progress(addressDropped(candidate, drop.stage, drop.reason), candidate) })
    }
  }

  discard (connection: Connection): void {
    if (this.#claim(connection)) {
      this.attempts.discard(connection, this.dial)
    }
  }

  /** Removes a connection from the unclaimed ones, once. Returns whether it was there */
  #claim (connection: Connection): boolean {
    const at = this.unclaimed.indexOf(connection)

    return at !== -1 && this.unclaimed.splice(at, 1).length > 0
  }

  mayAnswer (connection: Connection): boolean { return mayAnswer(this.node, connection, this.target.current, this.options, this.dial.lineage.depth > 0) }

  onListPulled ({ candidates, isLookingFurther }: MadeList, lists: PendingWork): void {
    this.lastLook = this.target.version
    this.#lists = lists

    if (isLookingFurther) {
      this.#node.onLookingFurther(this.dial)
    }

    if (!this.#hasListed && candidates.length > 0) {
      this.#hasListed = true
      this.dial.reportStart(this.#node.queueLog, candidates)
    }
  }
}
