import { AbortError, ConnectionClosedError, DialError, UnexpectedPeerError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { anySignal } from 'any-signal'
import { peerOf } from '../pipeline/candidate.ts'
import { recorderOf } from '../history/recorder.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { DialDeniedError, toError } from '../pipeline/errors.ts'
import { RESTARTED } from '../pipeline/restarted.ts'
import { SIGNALING } from '../pipeline/signaling.ts'
import { settledOrAborted } from '../pipeline/settled-or-aborted.ts'
import { closeGently } from './close.ts'
import { guardedPrefixes } from './guarded-prefixes.ts'
import { CONNECTED } from './connected.ts'
import { recordFailure, recordSuccess } from './last-dial.ts'
import { nesting } from './nested.ts'
import { readPeerId } from './read-peer-id.ts'
import type { AttemptMark, OuterAttempt, OuterDial } from './nested.ts'
import { tell } from './tell.ts'
import type { TransportOptions } from './transport-options.ts'
import type { ClearableSignal } from 'any-signal'
import type { SlotRequest, Slots } from './slots.ts'
import type { Turns } from './turns.ts'
import type { DialPolicy } from '../pipeline/dial-policy.ts'
import type { Candidate, DialComponents } from '../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a dial wants of an attempt */
export interface AttemptRequest {
  policy: DialPolicy
  dial: OuterDial
  signal: AbortSignal
  /** Aborts when the dial is known to be made for another attempt: it is charged to that, and takes no slot */
  charged: AbortSignal
  /** Beside what the dialer itself hands to the transport */
  transportOptions: TransportOptions
  /** The same, of a layer around this attempt alone: it is not shared */
  ownTransportOptions?: Readonly<Record<string, unknown>>
  /** Whether the attempt may begin anew, which has been silent for so many milliseconds. Default: it may */
  mayRestart?: (age: number) => boolean
  /** Called when it begins anew */
  onRestart?: () => void
  onHeld?: () => void
  onStart: (at: number) => void
  onFirstResponse: (at: number) => void
  onProgress: (event: any) => void
  /** Called for each progress event, with its type and time */
  onMark?: (type: string, at: number) => void
}

type AskedSlots = Pick<SlotRequest, 'id' | 'peer' | 'transport' | 'prefixes' | 'dial' | 'attempt'>

interface Participant {
  request: AttemptRequest
  resolve (connection: Connection): void
  reject (error: unknown): void
  leave (): void
}

/** The transport is connected, and the handshake begins: the remote was heard of */
const FIRST_RESPONSE = 'upgrader:encrypt-outbound-connection'

const WEBSOCKETS = '@libp2p/websockets'

/** Milliseconds that a transport may take to end its dial after the signal has aborted: its slot is given away then */
const GRACE = 10_000

const UNWANTED = new AbortError('Nobody wants this attempt any more')

/** One transport dial. It is aborted when everybody who wanted it has left, and never after it won */
export class SharedAttempt implements OuterAttempt {
  isNesting = false
  /** Stands for the attempt where slots are counted: a connection that was given away keeps it, and not the attempt */
  readonly taker = { dials: new Set<OuterDial>() }
  readonly #key: string
  readonly #candidate: Candidate
  readonly #components: DialComponents
  readonly #slots: Slots
  readonly #turns: Turns
  readonly #participants = new Set<Participant>()
  readonly #mark: AttemptMark = { attempt: this }
  readonly #marks = new Map<string, number>()
  readonly #controller = new AbortController()
  readonly #charged = new AbortController()
  readonly #freed = new AbortController()
  readonly #log: Logger
  /** Once it has asked for slots */
  #asked?: AskedSlots
  #isHeld = false
  #startedAt?: number
  #firstResponseAt?: number
  #isConnected = false
  #isSettled = false
  #isTold = false
  #abandonedFor?: Error
  #outlive?: (reason: Error) => void
  #cancelGrace?: () => void
  /** The transport's dial goes on without it */
  #isOutlived = false

  constructor (key: string, candidate: Candidate, components: DialComponents, slots: Slots, turns: Turns, log: Logger) {
    this.#key = key
    this.#candidate = candidate
    this.#components = components
    this.#slots = slots
    this.#turns = turns
    this.#log = log
  }

  get dials (): OuterDial[] {
    return Array.from(this.#participants, ({ request }) => request.dial)
  }

  get policies (): DialPolicy[] {
    return Array.from(this.#participants, ({ request }) => request.policy)
  }

  get candidate (): Candidate {
    return this.#candidate
  }

  get home (): DialComponents {
    return this.#components
  }

  get multiaddr (): Multiaddr {
    return this.#candidate.multiaddr
  }

  get priority (): number | undefined {
    return this.#participants.size === 0 ? undefined : Math.max(...Array.from(this.#participants, ({ request }) => request.dial.priority))
  }

  /** Whether one who joins now is still told how it ended */
  get isJoinable (): boolean {
    return !this.#isSettled && this.#abandonedFor == null
  }

  /**
   * A WebSocket that is aborted while it connects stays open (js-libp2p pull request 3625): it is aborted when it has
   * connected, as its handshake can be
   */
  #abandon (reason: Error): void {
    this.#abandonedFor = reason
    this.#tell(reason)

    // one that nobody wants any more says nothing of the address, one that took too long does
    if (isTimeout(reason)) {
      this.#safely(() => { recordFailure(this.#candidate, this.#components) })
    }

    if (this.#startedAt == null || this.#isConnected || this.#asked?.transport !== WEBSOCKETS) {
      this.#controller.abort(reason)
      // not every transport listens
      this.#safely(() => { this.#cancelGrace = this.#components.clock.setTimeout(() => { this.#outlive?.(reason) }, GRACE) })
    } else {
      this.#outlive?.(reason)
    }
  }

  /** The priority of a dial that wants the attempt was raised: while the attempt waits for a slot, it moves forward */
  raise (): void {
    if (this.#startedAt == null && this.priority != null && this.#asked != null) {
      this.#slots.raise(this.#asked, this.priority)
    }
  }

  /** Ends an attempt that nothing has answered, so that it begins anew: it was sent into a network that is gone */
  restart (): void {
    const startedAt = this.#startedAt
    const wasHeard = this.#firstResponseAt != null || this.#isConnected || this.#marks.has(SIGNALING)

    if (startedAt == null || wasHeard || this.#isTold) {
      return
    }

    const age = this.#components.clock.now() - startedAt

    if (![...this.#participants].every(({ request }) => request.mayRestart?.(age) !== false)) {
      return
    }

    this.#participants.forEach(({ request }) => { request.onRestart?.() })

    // its silence says nothing
    this.#isTold = true
    this.#fail(RESTARTED)
    this.#abandon(RESTARTED)
  }

  /** @throws the transport's error, or the reason of the request's own signal at the moment that it aborts */
  async join (request: AttemptRequest): Promise<Connection> {
    return new Promise<Connection>((resolve, reject) => {
      const onAbort = (): void => {
        participant.leave()
        this.left(request.dial)
        reject(request.signal.reason)

        if (this.#participants.size === 0) {
          this.#abandon(isTimeout(request.signal.reason) ? request.signal.reason : UNWANTED)
        }
      }

      const onCharged = (): void => { this.#charged.abort() }

      const participant: Participant = {
        request,
        resolve,
        reject,
        leave: () => {
          this.#participants.delete(participant)
          this.taker.dials = new Set(this.dials)
          request.signal.removeEventListener('abort', onAbort)
          request.charged.removeEventListener('abort', onCharged)
        }
      }

      request.signal.addEventListener('abort', onAbort, { once: true })
      request.charged.addEventListener('abort', onCharged, { once: true })

      if (request.charged.aborted) {
        onCharged()
      }

      if (this.#startedAt != null) {
        request.onStart(this.#startedAt)
      } else if (this.#participants.size > 0) {
        this.#slots.raise(this.#slotsFor(request), Math.max(request.dial.priority, this.priority ?? -Infinity))
      }

      if (this.#isHeld) {
        request.onHeld?.()
      }

      this.#participants.add(participant)
      this.taker.dials.add(request.dial)
      this.#slots.join(this.taker, request.dial)

      if (this.#firstResponseAt != null) {
        request.onFirstResponse(this.#firstResponseAt)
      }

      this.#marks.forEach((at, type) => { request.onMark?.(type, at) })
    })
  }

  /** Never rejects; ends when the transport has. The answer is what it failed with */
  async run (first: AttemptRequest, hold: (connection: Connection, holders: number) => void): Promise<Error | undefined> {
    // clearable: a transport may listen to the signal for the whole life of the connection
    const signal = anySignal([this.#controller.signal])
    setMaxListeners(Infinity, signal)

    try {
      const connect = async (): Promise<Connection> => this.#turns.run(async () => this.#connect(first, signal))
      const priority = (): number => this.priority ?? first.dial.priority
      const connection = await this.#slots.run({ ...this.#slotsFor(first), get priority () { return priority() }, signal, charged: this.#charged.signal, freed: this.#freed.signal, onHeld: () => { this.#onHeld() } }, connect)
      const connectedAt = this.#components.clock.now()

      await this.#accept(connection, signal)
      this.#tell(undefined, connectedAt)
      hold(connection, this.#participants.size)

      if (this.#participants.size === 0) {
        await closeGently(connection, this.#components.clock)
      }

      this.#settle(participant => { participant.resolve(connection) })

      return undefined
    } catch (thrown) {
      const error = toError(thrown)
      this.#tell(error)

      if (this.#abandonedFor == null && error.name !== 'DialDeniedError') {
        this.#safely(() => { recordFailure(this.#candidate, this.#components) })
      }

      this.#fail(error)

      return error
    } finally {
      this.#cancelGrace?.()
      this.#mark.attempt = undefined

      if (!this.#isOutlived) {
        signal.clear()
      }
    }
  }

  async #accept (connection: Connection, signal: AbortSignal): Promise<void> {
    try {
      checkClosable(connection, this.#candidate)
      checkOpen(connection)
      checkPeer(connection, this.#candidate)
      checkReadable(connection, this.#candidate)
      await settledOrAborted(recordSuccess(connection, this.#components), signal)
      // that took its time, and who hears of a connection may close it
      checkOpen(connection)
    } catch (err) {
      // one that was aborted before it had a muxer never tells that, and its keep-alive would go on for ever
      void closeGently(connection, this.#components.clock)
      throw err
    }
  }

  async #connect (first: AttemptRequest, signal: ClearableSignal): Promise<Connection> {
    signal.throwIfAborted()
    const banned = this.#banned()

    // it may have waited long for its slot
    if (banned != null) {
      throw banned
    }

    this.#isHeld = false
    this.#startedAt = this.#components.clock.now()
    this.#participants.forEach(({ request }) => { request.onStart(this.#startedAt as number) })

    // a fresh object: transports write into it
    const dialled = this.#components.transportManager.dial(this.#candidate.multiaddr, nesting({
      ...first.transportOptions,
      ...first.ownTransportOptions,
      signal,
      [CONNECTED]: () => { this.#onConnected() },
      onProgress: (event: any) => { this.#onProgress(event) }
    }, this.#mark))
    const connection = await this.#outlivable(dialled, signal)

    // not every transport says it before, and from now on an abort has something to end
    this.#onConnected()

    return connection
  }

  /** Ends the attempt where its address is banned by now */
  sever (): void {
    const banned = this.isJoinable ? this.#banned() : undefined

    if (banned != null) {
      // it says nothing of the address
      this.#isTold = true
      this.#fail(banned)
      this.#abandon(banned)
    }
  }

  #banned (): DialDeniedError | undefined {
    const reason = this.#components.bans?.reasonFor(this.#candidate)

    return reason == null ? undefined : new DialDeniedError(`Cannot dial ${this.#candidate.id}: ${reason}`)
  }

  /** Waits for the transport, until it is outlived: what it still gives is closed */
  async #outlivable (dialled: Promise<Connection>, signal: ClearableSignal): Promise<Connection> {
    return new Promise<Connection>((resolve, reject) => {
      this.#outlive = reason => {
        this.#isOutlived = true
        reject(reason)
        dialled.then(async connection => closeGently(connection, this.#components.clock), () => {}).finally(() => { signal.clear() })
      }

      dialled.then(resolve, reject)
    })
  }

  /** It is no attempt of the dial any more: it has failed, or the dial does not want it, or not its connection */
  left (dial: OuterDial): void {
    if (!this.taker.dials.has(dial)) {
      this.#slots.leave(this.taker, dial)
    }
  }

  /** Another dial wants it, that may know more of the address */
  meet (candidate: Candidate, request: AttemptRequest): void {
    if (this.#isHeld && guardedPrefixes(candidate, this.#components, isNested(request)).length === 0) {
      this.#isHeld = false
      this.#freed.abort()
    }
  }

  #onHeld (): void {
    this.#isHeld = true
    this.#participants.forEach(({ request }) => { request.onHeld?.() })
  }

  /** The connection of an attempt that was abandoned while it connected can be closed from now on */
  #onConnected (): void {
    this.#isConnected = true

    if (this.#abandonedFor != null) {
      this.#controller.abort(this.#abandonedFor)
    }
  }

  #onProgress (event: { type: string }): void {
    if (event?.type === FIRST_RESPONSE && this.#firstResponseAt == null) {
      const at = this.#firstResponseAt = this.#components.clock.now()
      recorderOf(this.#components.history).answered?.(this.#candidate)
      this.#participants.forEach(({ request }) => { request.onFirstResponse(at) })
      this.#onConnected()
    }

    const at = this.#components.clock.now()
    const type = String((event as Partial<Event> | undefined)?.type)
    this.#marks.set(type, at)
    this.#participants.forEach(({ request }) => {
      request.onMark?.(type, at)
      request.onProgress(event)
    })
  }

  /** The node's history hears of an attempt once: when it has ended, or nobody waits for it any more */
  #tell (error?: Error, endedAt?: number): void {
    const startedAt = this.#startedAt

    if (startedAt == null || this.#isTold) {
      return
    }

    this.#isTold = true
    this.#safely(() => {
      tell(this.#components, {
        candidate: this.#candidate,
        startedAt,
        firstResponseAt: this.#firstResponseAt,
        endedAt: endedAt ?? this.#components.clock.now(),
        error,
        isCancelled: error === UNWANTED
      })
    })
  }

  /** Where an abort listener throws, or a transport has settled, nobody could handle it */
  #safely (fn: () => void): void {
    try {
      fn()
    } catch (err) {
      this.#log.error('could not record the outcome of the dial to %s - %e', this.#candidate.id, err)
    }
  }

  #settle (tell: (participant: Participant) => void): void {
    this.#isSettled = true

    for (const participant of [...this.#participants]) {
      participant.leave()
      tell(participant)
    }
  }

  #fail (error: Error): void {
    const { dials } = this
    this.#settle(participant => { participant.reject(error) })
    dials.forEach(dial => { this.left(dial) })
  }

  #slotsFor (first: AttemptRequest): AskedSlots {
    const { multiaddr, id } = this.#candidate

    return this.#asked ??= {
      id: this.#key,
      attempt: this.taker,
      peer: peerOf(multiaddr) ?? id,
      dial: first.dial.id,
      prefixes: guardedPrefixes(this.#candidate, this.#components, isNested(first)),
      transport: this.#components.transportManager.dialTransportForMultiaddr(multiaddr)?.[Symbol.toStringTag] ?? ''
    }
  }
}

function isNested ({ dial }: AttemptRequest): boolean {
  return dial.lineage.depth > 0
}

function checkClosable (connection: Connection | undefined, { id }: Candidate): void {
  if (typeof connection?.close !== 'function') {
    throw new DialError(`The transport for ${id} answered ${describeValue(connection)} where a connection was expected`)
  }
}

/** Stages read these later. A getter that throws costs one address here, and would cost the dial there */
function checkReadable (connection: Connection, { id }: Candidate): void {
  const missing = (['newStream', 'remoteAddr'] as const).find(name => connection[name] == null)
  Reflect.get(connection, 'limits')

  if (missing != null) {
    throw new DialError(`The transport for ${id} answered a connection without ${missing}`)
  }
}

function checkOpen ({ status }: Connection): void {
  if (status !== 'open') {
    throw new ConnectionClosedError('Remote closed connection during opening')
  }
}

/** An id that is the hash of a key tells the handshake nothing to compare: libp2p takes whoever answers there */
function checkPeer ({ remotePeer }: Connection, { multiaddr }: Candidate): void {
  const expected = peerOf(multiaddr)

  if (expected != null && expected !== remotePeer.toString() && !remotePeer.equals(readPeerId(expected))) {
    throw new UnexpectedPeerError(`Dialed peer ${expected} but connected to ${remotePeer.toString()}`)
  }
}

function isTimeout (reason: Error | undefined): boolean {
  return reason?.name === 'TimeoutError'
}
