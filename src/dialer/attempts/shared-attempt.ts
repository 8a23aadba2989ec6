import { AbortError } from '@libp2p/interface'
import { recorderOf } from '../../history/recorder.ts'
import { toError } from '../../pipeline/errors.ts'
import { PLACE_LEFT, RESTARTED } from '../../pipeline/restarted.ts'
import { acceptConnection } from './accept-connection.ts'
import { AttemptGroup } from './attempt-group.ts'
import { AttemptReport } from './attempt-report.ts'
import { slotsFor } from './attempt-slots.ts'
import { banErrorOf } from './ban-error.ts'
import { handOut } from './hand-out.ts'
import { isTimeout } from './is-timeout.ts'
import { nesting } from './nested.ts'
import { PlaceTime, placeTimeOf } from './place-time.ts'
import { TransportDial } from './transport-dial.ts'
import type { AttemptContext } from './attempt-context.ts'
import type { AttemptRequest } from './attempt-request.ts'
import type { AskedSlots } from './attempt-slots.ts'
import type { AttemptMark, OuterAttempt, OuterDial } from './nested.ts'
import type { DialPolicy } from '../../pipeline/dial-policy.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The transport is connected, and the handshake begins: the remote was heard of */
const FIRST_RESPONSE = 'upgrader:encrypt-outbound-connection'

const UNWANTED = new AbortError('Nobody wants this attempt any more')

/** One transport dial. It is aborted when everybody who wanted it has left, and never after it won */
export class SharedAttempt implements OuterAttempt {
  isNesting = false
  readonly candidate: Candidate
  readonly #key: string
  readonly #components: DialComponents
  readonly #slots: AttemptContext['slots']
  readonly #turns: AttemptContext['turns']
  readonly #held: AttemptContext['held']
  readonly #group: AttemptGroup
  readonly #mark: AttemptMark = { attempt: this }
  readonly #transport: TransportDial
  readonly #charged = new AbortController()
  readonly #freed = new AbortController()
  readonly #report: AttemptReport
  /** Once it has asked for slots */
  #asked?: AskedSlots
  readonly #placeTime: PlaceTime
  #releasePlace?: () => void

  constructor (key: string, candidate: Candidate, components: DialComponents, { slots, turns, held, log }: AttemptContext) {
    this.candidate = candidate
    this.#key = key
    this.#components = components
    this.#slots = slots
    this.#turns = turns
    this.#held = held
    this.#placeTime = new PlaceTime(components.clock, () => { slots.review(this.#prefixes) })
    this.#report = new AttemptReport(candidate, components, log)
    this.#transport = new TransportDial(candidate, components, async connection => held.close(connection))
    this.#group = new AttemptGroup({
      slots,
      onCharged: () => { this.#charged.abort() },
      onEmpty: reason => { this.#abandon(isTimeout(reason) ? reason : UNWANTED) }
    })
  }

  get taker (): AttemptGroup['taker'] { return this.#group.taker }
  get dials (): OuterDial[] { return this.#group.dials }
  get policies (): DialPolicy[] { return this.#group.policies }
  get priority (): number | undefined { return this.#group.priority }
  get home (): DialComponents { return this.#components }
  get multiaddr (): Multiaddr { return this.candidate.multiaddr }

  /** Whether one who joins now is still told how it ended */
  get isJoinable (): boolean { return !this.#group.isSettled && !this.#transport.isEnded }

  /** @throws the transport's error, or the reason of the request's own signal at the moment that it aborts */
  async join (request: AttemptRequest): Promise<Connection> {
    const joined = this.#group.join(request)
    this.raise()

    return joined
  }

  /** Lets it begin, or keep its place, where another dial wants it that knows who answers for the address */
  meet (candidate: Candidate, request: AttemptRequest): void {
    if (slotsFor(candidate, request, this.#components).prefixes.length === 0) {
      this.#group.isHeld = false
      this.#freed.abort()
    }
  }

  /** The priority of its dials may be higher now: while the attempt waits for a slot, it moves forward */
  raise (): void {
    const { priority, startedAt } = this.#group

    if (startedAt == null && priority != null && this.#asked != null) {
      this.#slots.raise(this.#asked, priority)
    }
  }

  /** Ends an attempt that nothing has answered, so that it begins anew: it was sent into a network that is gone */
  restart (): void {
    const { startedAt } = this.#group

    if (startedAt != null && this.#isSilent() && !this.#report.isDone && this.#group.restart(this.#components.clock.now() - startedAt)) {
      this.#end(RESTARTED)
    }
  }

  /** Nothing was heard of the remote */
  readonly #isSilent = (): boolean => this.#group.isSilent && !this.#transport.isConnected

  /** Ends the attempt where its address is banned by now */
  sever (): void {
    const banned = this.isJoinable ? banErrorOf(this.candidate, this.#components.bans) : undefined

    if (banned != null) {
      this.#end(banned)
    }
  }

  /** Never rejects; ends when the transport has. The answer is what it failed with */
  async run (first: AttemptRequest): Promise<Error | undefined> {
    const { signal } = this.#transport

    try {
      this.#asked = { ...slotsFor(this.candidate, first, this.#components), id: this.#key, attempt: this.taker, transport: this.#transport.transport }
      const priority = (): number => this.priority ?? first.dial.priority
      // one that has not begun has sent nothing: that is no turn
      const mayLeave = (): boolean => this.#placeTime.isOver && !this.#freed.signal.aborted && this.isJoinable && this.#isSilent() && (this.#group.startedAt == null || this.#group.mayLeavePlace)
      const connection = await this.#slots.run({
        ...this.#asked,
        get priority () { return priority() },
        place: {
          get priority () { return priority() },
          get mayLeave () { return mayLeave() },
          isBack: first.hasLeftPlace === true,
          onPlace: () => { this.#beginPlaceTime() },
          leave: () => {
            this.#group.leavePlace()
            this.#end(PLACE_LEFT)
          }
        },
        signal,
        charged: this.#charged.signal,
        freed: this.#freed.signal,
        onHeld: () => { this.#group.hold() }
      }, async release => this.#turns.run(async () => {
        this.#releasePlace = release

        return this.#connect(first)
      }))
      const connectedAt = this.#components.clock.now()

      await acceptConnection(connection, this.candidate, this.#components, { signal, close: async () => this.#held.close(connection) })
      handOut({ ...this.candidate, multiaddr: connection.remoteAddr }, connection.remotePeer, this.#components)
      this.#record(undefined, connectedAt)
      // in one step: whoever leaves between the two would leave it open
      this.#held.hold(connection, this.#group.size, this.taker)
      this.#group.connect(connection)

      return undefined
    } catch (thrown) {
      const error = toError(thrown)
      this.#record(error)

      if (!this.#transport.isEnded && error.name !== 'DialDeniedError') {
        this.#report.recordFailure()
      }

      this.#group.fail(error)

      return error
    } finally {
      this.#placeTime.end()
      this.#mark.attempt = undefined
      this.#transport.release()
    }
  }

  async #connect (first: AttemptRequest): Promise<Connection> {
    this.#transport.signal.throwIfAborted()
    const banned = banErrorOf(this.candidate, this.#components.bans)

    // it may have waited long for its slot
    if (banned != null) {
      throw banned
    }

    this.#group.start(this.#components.clock.now())
    this.#beginPlaceTime()

    // a fresh object: transports write into it
    return this.#transport.connect(beside => nesting({
      ...first.transportOptions,
      ...first.ownTransportOptions,
      ...beside,
      onProgress: (event: any) => { this.#onProgress(event) }
    }, this.#mark))
  }

  #beginPlaceTime (): void {
    if (this.#prefixes.length > 0) {
      this.#placeTime.begin(placeTimeOf(this.candidate, this.#components))
    }
  }

  get #prefixes (): readonly string[] { return this.#asked?.prefixes ?? [] }

  #onProgress (event: { type: string }): void {
    const at = this.#components.clock.now()

    if (event?.type === FIRST_RESPONSE && this.#group.firstResponseAt == null) {
      recorderOf(this.#components.history).answered?.(this.candidate)
      this.#group.respond(at)
      this.#transport.connected()
      this.#releasePlace?.()
    }

    this.#group.progress(event, at)
  }

  /** Fails all who want it, for a reason that says nothing of the address */
  #end (reason: Error): void {
    this.#report.skip()
    this.#group.fail(reason)
    this.#abandon(reason)
  }

  #abandon (reason: Error): void {
    this.#placeTime.end()
    this.#record(reason)

    // one that nobody wants any more says nothing of the address, one that took too long does
    if (isTimeout(reason)) {
      this.#report.recordFailure()
    }

    this.#transport.end(reason)
  }

  #record (error?: Error, endedAt = this.#components.clock.now()): void {
    const { startedAt, firstResponseAt } = this.#group

    if (startedAt != null) {
      this.#report.record({ startedAt, firstResponseAt, endedAt, error, isCancelled: error === UNWANTED })
    }
  }
}
