import { InvalidParametersError, isPeerId, UnsupportedProtocolError } from '@libp2p/interface'
import { raceSignal } from 'race-signal'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { systemClock } from '../pipeline/clock.ts'
import { BOOLEAN, FUNCTION, hasMethods, NAME } from '../pipeline/option-kinds.ts'
import { within } from '../pipeline/time-limit.ts'
import { InvalidFrameError, MigrationDeniedError } from './errors.ts'
import { handshake, receiveHandshake } from './handshake.ts'
import { isLower, StreamIds } from './ids.ts'
import { LabelledStream } from './labelled-stream.ts'
import { PhysicalStream } from './physical-stream.ts'
import { PROTOCOL } from './protocol.ts'
import type { OpeningFrame } from './handshake.ts'
import type { LabelledStreamInit } from './labelled-stream.ts'
import type { HandleOptions, MigratableStream, OpenStreamOptions, StreamMigrationComponents, StreamMigrationInit, StreamMigrationService } from './types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AbortOptions, Connection, PeerId, Startable, Stream, StreamHandler } from '@libp2p/interface'

/** Maximum number of streams that each end may open on one connection, over all protocols */
const MAX_STREAMS = 256

/** Milliseconds that the remote has to accept a stream or a move, as in libp2p's protocol negotiation */
const ANSWER_TIMEOUT = 10_000

const TARGET: OptionKind = { expected: 'a connection or a peer id', test: value => isPeerId(value) || hasMethods(value, 'newStream') }

export class StreamMigration implements StreamMigrationService, Startable {
  readonly #components: StreamMigrationComponents
  readonly #clock: Clock
  readonly #ids: StreamIds
  readonly #handlers = new Map<string, { handler: StreamHandler, options: HandleOptions }>()
  readonly #streams = new Map<string, LabelledStream>()

  constructor (components: StreamMigrationComponents, init: StreamMigrationInit) {
    this.#components = components
    this.#clock = init.clock ?? systemClock
    this.#ids = new StreamIds(components.peerId)
  }

  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-stream-migration'

  get streams (): readonly MigratableStream[] {
    return [...this.#streams.values()]
  }

  async start (): Promise<void> {
    await this.#components.registrar.handle(PROTOCOL, async (stream, connection) => { await this.#onStream(stream, connection) }, {
      maxInboundStreams: MAX_STREAMS,
      maxOutboundStreams: MAX_STREAMS,
      // limited connections are allowed here, because the protocol of each stream decides whether it may run on a limited connection
      runOnLimitedConnection: true
    })
  }

  async stop (): Promise<void> {
    await this.#components.registrar.unhandle(PROTOCOL)
  }

  handle (protocol: string, handler: StreamHandler, options: HandleOptions = {}): void {
    checkValue('handle()', protocol, NAME, InvalidParametersError)
    checkValue('handle()', handler, FUNCTION, InvalidParametersError)
    checkOptions('handle()', options, { runOnLimitedConnection: BOOLEAN }, InvalidParametersError)

    if (this.#handlers.has(protocol)) {
      throw new InvalidParametersError(`${protocol} is handled already`)
    }

    this.#handlers.set(protocol, { handler, options })
  }

  unhandle (protocol: string): void {
    this.#handlers.delete(protocol)
  }

  async open (target: Connection | PeerId, protocol: string, options: OpenStreamOptions = {}): Promise<MigratableStream> {
    const { runOnLimitedConnection = false } = options
    checkValue('open()', target, TARGET, InvalidParametersError)
    checkValue('open()', protocol, NAME, InvalidParametersError)
    checkValue('open()', runOnLimitedConnection, BOOLEAN, InvalidParametersError, 'runOnLimitedConnection')
    const connection = isPeerId(target) ? await this.#components.connectionManager.openConnection(target, options) : target
    const id = this.#ids.next(connection.remotePeer)
    const stream = await this.#openPhysical(connection, { type: 'label', id, protocol }, runOnLimitedConnection, [options.signal])

    if (stream == null) {
      throw new UnsupportedProtocolError(`The other end does not handle ${protocol} with stream migration`)
    }

    return this.#label(new PhysicalStream(stream, connection), { id, protocol, direction: 'outbound', runOnLimitedConnection })
  }

  async migrate (stream: Stream, to: Connection, { signal }: AbortOptions = {}): Promise<void> {
    if (!(stream instanceof LabelledStream) || !hasMethods(to, 'newStream') || !to.remotePeer.equals(stream.connection.remotePeer)) {
      throw new InvalidParametersError('Only a stream that was opened with stream migration can be moved, and only to a connection to the same peer')
    }

    signal?.throwIfAborted()

    if (to === stream.connection) {
      return
    }

    const proposal = stream.propose()
    let physical: PhysicalStream | undefined
    let moved: Promise<void>

    try {
      const next = await this.#openPhysical(to, { type: 'migrate', id: stream.label }, stream.runOnLimitedConnection, [signal, proposal.controller.signal])

      if (next == null) {
        throw new MigrationDeniedError('The other end denied the migration')
      }

      physical = new PhysicalStream(next, to)
      moved = stream.commit(proposal, physical)
    } catch (err) {
      physical?.abort(err as Error)
      stream.cancelProposal(proposal)
      throw err
    }

    await raceSignal(moved, signal)
  }

  /** Opens a physical stream and sends its first frame. Resolves to undefined when the remote does not accept */
  async #openPhysical (connection: Connection, opening: OpeningFrame, runOnLimitedConnection: boolean, signals: Array<AbortSignal | undefined>): Promise<Stream | undefined> {
    return this.#within(signals, async signal => {
      const stream = await connection.newStream([PROTOCOL], { signal, runOnLimitedConnection })

      try {
        if (await handshake(stream, opening, signal)) {
          return stream
        }

        await stream.close({ signal })
      } catch (err) {
        stream.abort(err as Error)
        throw err
      }
    })
  }

  async #within<T> (signals: Array<AbortSignal | undefined>, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within(ANSWER_TIMEOUT, this.#clock, `No answer after ${ANSWER_TIMEOUT} ms`, signals, fn)
  }

  async #onStream (stream: Stream, connection: Connection): Promise<void> {
    try {
      const opening = await this.#within([], async signal => receiveHandshake(stream, signal))

      if (opening.type === 'label') {
        this.#onLabel(new PhysicalStream(stream, connection), opening)
      } else {
        this.#onMigrate(new PhysicalStream(stream, connection), opening)
      }
    } catch (err) {
      stream.abort(err as Error)
    }
  }

  #onLabel (physical: PhysicalStream, { id, protocol }: OpeningFrame & { type: 'label' }): void {
    const { connection } = physical
    const { handler, options } = this.#handlers.get(protocol) ?? {}
    const runOnLimitedConnection = options?.runOnLimitedConnection ?? false

    if (!this.#ids.isOf(connection.remotePeer, id) || this.#streams.has(key(connection.remotePeer, id))) {
      throw new InvalidFrameError('The label is not that of a new stream')
    }

    if (handler == null || (connection.limits != null && !runOnLimitedConnection)) {
      deny(physical)
      return
    }

    const stream = this.#label(physical, { id, protocol, direction: 'inbound', runOnLimitedConnection })
    physical.send({ type: 'answer', accepted: true })

    void (async () => {
      try {
        await handler(stream, connection)
      } catch (err) {
        stream.abort(err as Error)
      }
    })()
  }

  #onMigrate (physical: PhysicalStream, { id }: OpeningFrame & { type: 'migrate' }): void {
    const { limits, remotePeer } = physical.connection
    const stream = this.#streams.get(key(remotePeer, id))

    if (stream == null || (limits != null && !stream.runOnLimitedConnection) || !stream.accept(physical, isLower(remotePeer, this.#components.peerId))) {
      deny(physical)
    } else {
      physical.send({ type: 'answer', accepted: true })
    }
  }

  #label (physical: PhysicalStream, init: LabelledStreamInit): LabelledStream {
    const stream = new LabelledStream(physical, init)
    const name = key(physical.connection.remotePeer, init.id)

    this.#streams.set(name, stream)
    stream.addEventListener('close', () => { this.#streams.delete(name) }, { once: true })

    return stream
  }
}

function deny (physical: PhysicalStream): void {
  physical.send({ type: 'answer', accepted: false })
  physical.close()
}

function key (peerId: PeerId, id: number): string {
  return `${peerId.toString()}/${id}`
}
