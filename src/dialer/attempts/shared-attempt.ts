import { AbortError } from '@libp2p/interface'
import { recorderOf } from '../../history/recorder.ts'
import { toError } from '../../pipeline/errors.ts'
import { PLACE_LEFT, RESTARTED } from '../../pipeline/restarted.ts'
import { banErrorOf } from './banned.ts'
import { guardedPrefixes } from './guarded-prefixes.ts'
import { handOut } from './hand-out.ts'
import { OutcomeRecorder, isTimeout } from './outcome-recorder.ts'
import { nesting } from './nested.ts'
import { Participants } from './participants.ts'
import { PlaceTime, placeTimeOf } from './place-time.ts'
import { SlotTaker } from './slot-taker.ts'
import { TransportDial } from './transport-dial.ts'
import type { HeldConnections } from './held-connections.ts'
import type { AttemptMark, OuterAttempt, OuterDial } from './nested.ts'
import type { Participant } from './participants.ts'
import type { Slots } from './slots.ts'
import type { Ticket, TicketInit } from './ticket.ts'
import type { OwnTransportOptions, TransportDialer } from './transport-dial.ts'
import type { DialPolicy } from '../../pipeline/dial-policy.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The transport is connected, and the handshake begins: the remote was heard of */
const FIRST_RESPONSE = 'upgrader:encrypt-outbound-connection'

const UNWANTED = new AbortError('Nobody wants this attempt any more')

/** What the attempts of a node have in common */
export interface AttemptHost {
  readonly components: DialComponents
  readonly slots: Slots
  readonly held: HeldConnections
  readonly log: Logger
  /** Called when the transport has ended, or is not waited for any more, with what the attempt failed with */
  readonly onEnd: (attempt: SharedAttempt, error: Error | undefined) => void
}

/** One transport dial, for all dials that want the address. It ends when all of them have left, and never after it won */
export class SharedAttempt implements OuterAttempt, TicketInit, TransportDialer {
  isNesting = false
  /** Dials of the same key share the attempt */
  readonly key: string
  readonly candidate: Candidate
  readonly peer: string
  readonly prefixes: readonly string[]
  /** The id of the dial that asked first */
  readonly dial: string
  readonly hasLeftPlace: boolean
  /** Stands for the attempt where slots are counted: a connection that was given away keeps it, and not the attempt */
  readonly taker = new SlotTaker()
  readonly #host: AttemptHost
  readonly #first: Participant
  readonly #participants = new Participants()
  readonly #mark: AttemptMark = { attempt: this }
  readonly #outcome: OutcomeRecorder
  readonly #transport: TransportDial
  readonly #ticket: Ticket
  #placeTime?: PlaceTime
  #isOver = false

  constructor (key: string, candidate: Candidate, first: Participant, host: AttemptHost) {
    const { components, slots, log } = host
    this.key = key
    this.candidate = candidate
    this.peer = candidate.facts.peer ?? candidate.id
    this.dial = first.dial.id
    // a dial made for an attempt trusts no signature
    this.prefixes = guardedPrefixes(candidate, components, first.dial.lineage.depth > 0)
    this.hasLeftPlace = first.hasLeftPlace
    this.#first = first
    this.#host = host
    this.#outcome = new OutcomeRecorder(candidate, components, log)
    this.#transport = new TransportDial(candidate, this)
    this.#ticket = slots.take(this)
  }

  get dials (): OuterDial[] { return this.#participants.dials }
  get policies (): DialPolicy[] { return this.#participants.policies }
  get components (): DialComponents { return this.#host.components }
  get multiaddr (): Multiaddr { return this.candidate.multiaddr }
  get transport (): string { return this.#transport.tag }

  /** The highest of the dials', or that of the first one where none wants the attempt any more */
  get priority (): number { return this.#participants.priority ?? this.#first.dial.priority }

  /** Whether a dial that joins now is still told how the attempt ended */
  get isJoinable (): boolean { return !this.#participants.isSettled && !this.#transport.isEnded }

  /** Takes slots, and dials when it has them */
  begin (): void {
    this.#ticket.begin()
  }

  /**
   * Adds a dial, and tells it what has happened before. Where it knows who answers for the address, the attempt needs no place any more.
   * Returns what has it leave, for a reason
   */
  join (candidate: Candidate, one: Participant): (reason: Error) => void {
    const { dial } = one
    const isVouchedFor = this.prefixes.length > 0 && guardedPrefixes(candidate, this.#host.components, dial.lineage.depth > 0).length === 0
    this.#participants.isHeld &&= !isVouchedFor
    this.#participants.add(one)
    // first: the attempt may begin because of the dial
    this.#participants.replay(one)

    // whoever hears of it may have left
    if (this.#participants.has(one)) {
      this.taker.dials = new Set(this.dials)
      this.#host.slots.join(this.taker, dial)

      if (dial.isCharged) {
        this.#ticket.charge()
      }

      if (isVouchedFor) {
        this.#ticket.free()
      }

      this.raise()
    }

    return reason => { this.#leave(one, reason) }
  }

  /** The priority of a dial may be higher now: an attempt that waits for a slot moves forward */
  raise (): void {
    if (this.#participants.startedAt == null) {
      this.#host.slots.raise(this.#ticket, this.priority)
    }
  }

  /** A dial of the attempt is made for another attempt, which holds the slots for both */
  charge (): void {
    this.#ticket.charge()
  }

  /** Ends an attempt that nothing has answered, so that it begins anew: it was sent into a network that is gone */
  restart (): void {
    const { startedAt } = this.#participants

    if (startedAt != null && this.#isSilent && !this.#outcome.isDone && this.#participants.restart(this.#host.components.clock.now() - startedAt)) {
      this.#end(RESTARTED)
    }
  }

  /** Ends the attempt where its address is banned by now */
  sever (): void {
    const banned = this.isJoinable ? banErrorOf(this.candidate, this.#host.components.bans) : undefined

    if (banned != null) {
      this.#end(banned)
    }
  }

  get mayLeavePlace (): boolean {
    // one that has not begun has sent nothing: that is no turn. Each dial leaves the places of an address once
    return this.#placeTime?.isOver === true && this.isJoinable && this.#isSilent && (this.#participants.startedAt == null || ![...this.#participants].some(({ hasLeftPlace }) => hasLeftPlace))
  }

  onHeld (): void {
    this.#participants.hold()
  }

  onPlace (): void {
    const { components, slots } = this.#host
    this.#placeTime ??= new PlaceTime(components.clock, () => { slots.review(this.prefixes) })
    this.#placeTime.begin(placeTimeOf(this.candidate, components))
  }

  onPlaceLeft (): void {
    for (const one of this.#participants) {
      one.onPlaceLeft()
    }

    this.#end(PLACE_LEFT)
  }

  onGranted (): void {
    try {
      this.#start()
    } catch (thrown) {
      this.#fail(toError(thrown))
    }
  }

  get #isSilent (): boolean { return this.#participants.isSilent && !this.#transport.isConnected }

  #start (): void {
    const { components } = this
    // it may have waited long for its slot
    const banned = banErrorOf(this.candidate, components.bans)

    if (banned != null) {
      throw banned
    }

    this.#participants.start(components.clock.now())

    // whoever hears of it may end it
    if (this.#transport.isEnded) {
      return
    }

    if (this.prefixes.length > 0) {
      this.onPlace()
    }

    void this.#transport.run()
  }

  transportOptions (own: OwnTransportOptions): object {
    const { transportOptions, ownTransportOptions } = this.#first

    return nesting({ ...transportOptions, ...ownTransportOptions, ...own, onProgress: (event: { type: string }) => { this.#onProgress(event) } }, this.#mark)
  }

  async close (connection: Connection): Promise<void> {
    await this.#host.held.close(connection)
  }

  onTransportConnected (connection: Connection): void {
    handOut({ ...this.candidate, multiaddr: connection.remoteAddr }, connection.remotePeer, this.components)
    this.#record(undefined, this.#transport.connectedAt)
    // in one step: whoever leaves between the two would leave it open
    this.#host.held.hold(connection, this.#participants.size)
    this.taker.connection = connection
    // whoever discards the connection has left
    this.taker.dials = new Set()
    this.#participants.connect(connection)
    this.#finish()
  }

  onTransportFailed (error: Error): void {
    this.#fail(error)
  }

  onTransportEnded (): void {
    this.#finish()
  }

  #onProgress (event: { type: string }): void {
    const { clock, history } = this.#host.components
    const at = clock.now()
    const type = String((event as Partial<Event> | undefined)?.type)

    if (type === FIRST_RESPONSE && this.#participants.firstResponseAt == null) {
      recorderOf(history).answered?.(this.candidate)
      this.#participants.respond(at)
      this.#transport.connected()
      this.#host.slots.releasePlaces(this.#ticket)
    }

    this.#participants.progress(event, type, at)
  }

  #leave (one: Participant, reason: Error): void {
    if (!this.#participants.delete(one)) {
      return
    }

    this.#forget([one.dial])

    if (this.#participants.size === 0) {
      this.#abandon(isTimeout(reason) ? reason : UNWANTED)
    }
  }

  /** Releases the slots of dials that do not want the attempt any more, or that it has failed for */
  #forget (dials: readonly OuterDial[]): void {
    this.taker.dials = new Set(this.dials)

    for (const dial of dials) {
      if (!this.taker.dials.has(dial)) {
        this.#host.slots.leave(this.taker, dial)
      }
    }
  }

  /** Fails all who want it, for a reason that says nothing of the address */
  #end (reason: Error): void {
    this.#outcome.skip()
    this.#tellFailure(reason)
    this.#abandon(reason)
  }

  #abandon (reason: Error): void {
    this.#placeTime?.end()
    this.#record(reason)

    // one that nobody wants any more says nothing of the address, one that took too long does
    if (isTimeout(reason)) {
      this.#outcome.recordFailure()
    }

    this.#transport.end(reason)
  }

  #fail (error: Error): void {
    this.#record(error)

    if (!this.#transport.isEnded && error.name !== 'DialDeniedError') {
      this.#outcome.recordFailure()
    }

    this.#tellFailure(error)
    this.#finish(error)
  }

  #tellFailure (error: Error): void {
    const { dials } = this
    this.#participants.fail(error)
    this.#forget(dials)
  }

  /** Gives back what it has: its transport has ended, or goes on without it */
  #finish (error = this.#transport.endedFor): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.#placeTime?.end()
      this.#mark.attempt = undefined
      this.#ticket.end()
      this.#host.onEnd(this, error)
    }
  }

  #record (error?: Error, endedAt = this.#host.components.clock.now()): void {
    const { startedAt, firstResponseAt } = this.#participants

    if (startedAt != null) {
      this.#outcome.record({ startedAt, firstResponseAt, endedAt, error, isCancelled: error === UNWANTED })
    }
  }
}
