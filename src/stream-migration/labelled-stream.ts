import { StreamResetError, StreamStateError } from '@libp2p/interface'
import { AbstractStream } from '@libp2p/utils'
import { InvalidFrameError, StreamTruncatedError } from './errors.ts'
import { Progress } from './progress.ts'
import { MAX_DATA_SIZE } from './protocol.ts'
import { Route } from './route.ts'
import type { Frame } from './frames.ts'
import type { Leg } from './leg.ts'
import type { Proposal } from './route.ts'
import type { MigratableStream } from './types.ts'
import type { Connection, MessageStreamDirection, StreamCloseEvent } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface LabelledStreamInit {
  id: number
  protocol: string
  direction: MessageStreamDirection
  runOnLimitedConnection: boolean
}

/** The stream that an application uses. Physical streams of different connections carry it, one after another */
export class LabelledStream extends AbstractStream implements MigratableStream {
  readonly label: number
  readonly runOnLimitedConnection: boolean
  readonly #progress = new Progress()
  readonly #route: Route

  /** @throws StreamStateError when the physical stream has closed already */
  constructor (leg: Leg, { id, protocol, direction, runOnLimitedConnection }: LabelledStreamInit) {
    const { log, maxReadBufferLength, maxWriteBufferLength, inactivityTimeout } = leg.stream

    super({
      id: `${id}`,
      protocol,
      direction,
      log: log.newScope(`label:${id}`),
      maxMessageSize: MAX_DATA_SIZE,
      maxReadBufferLength,
      maxWriteBufferLength,
      inactivityTimeout
    })

    this.label = id
    this.runOnLimitedConnection = runOnLimitedConnection
    this.#route = new Route(leg, {
      onFrame: (leg, frame) => { this.#onFrame(leg, frame) },
      onInvalid: err => { this.abort(err) },
      onEnd: leg => { this.#onEnd(leg) },
      onClose: (leg, event) => { this.#onClose(leg, event) },
      onDrain: () => { this.#drain() },
      onMove: () => {
        this.#drain()
        this.sendResume()
      },
      offset: () => this.#progress.sent
    })
  }

  get connection (): Connection {
    return this.#route.writing.connection
  }

  /**
   * Begins a move. `commit()` or `withdraw()` has to follow
   *
   * @throws StreamStateError when the stream has closed
   * @throws MigrationDeniedError when the stream is being moved already
   */
  propose (): Proposal {
    if (!this.#isMovable()) {
      throw new StreamStateError('A stream that has closed cannot be moved')
    }

    return this.#route.propose()
  }

  withdraw (proposal: Proposal): void {
    this.#route.withdraw(proposal)
  }

  commit (proposal: Proposal, leg: Leg): Promise<void> {
    return this.#route.commit(proposal, leg)
  }

  accept (leg: Leg, otherWins: boolean): boolean {
    return this.#isMovable() && this.#route.accept(leg, otherWins)
  }

  sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    const canSendMore = this.#route.writing.send({ type: 'data', data })
    this.#progress.sent += sentBytes

    return { sentBytes, canSendMore }
  }

  sendReset (err: Error): void {
    this.#route.abort(err)
  }

  sendPause (): void {
    this.#route.reading.pause()
  }

  sendResume (): void {
    // a reader of the buffered data may have paused again
    if (this.readStatus !== 'paused') {
      this.#route.reading.resume()
    }
  }

  async sendCloseWrite (): Promise<void> {
    this.#route.writing.send({ type: 'fin', offset: this.#progress.sent })
    this.#progress.finSent = true
  }

  /** Discards data from now on. Other frames of the remote still count */
  async sendCloseRead (): Promise<void> {
    this.#route.reading.resume()
  }

  override onRemoteReset (): void {
    this.#route.abort(new StreamResetError())
    super.onRemoteReset()
  }

  /** Called when both directions have ended. Closes the stream only if the remote has everything too */
  override onTransportClosed (err?: Error): void {
    if (err != null) {
      super.onTransportClosed(err)
    } else if (this.#progress.complete) {
      this.#route.finish()
      super.onTransportClosed()
    }
  }

  #isMovable (): boolean {
    return this.status === 'open' && !this.#progress.complete
  }

  #onFrame (leg: Leg, frame: Frame): void {
    if (leg !== this.#route.reading) {
      throw new InvalidFrameError('A frame out of turn')
    }

    switch (frame.type) {
      case 'data':
        this.#progress.onData(frame.data.byteLength)
        this.onData(frame.data)
        return
      case 'switch':
        this.#progress.checkOffset(frame.offset)
        this.#route.onSwitch()
        return
      case 'fin':
        this.#progress.onFin(frame.offset)
        this.#route.writing.send({ type: 'fin-ack' })
        this.onRemoteCloseWrite()
        return
      case 'fin-ack':
        this.#progress.onFinAck()

        if (this.writeStatus === 'closed' && this.remoteWriteStatus === 'closed') {
          this.onTransportClosed()
        }
        return
      case 'label':
      case 'migrate':
      case 'answer':
        throw new InvalidFrameError(`A frame out of place, ${frame.type}`)
    }
  }

  #onEnd (leg: Leg): void {
    if (leg === this.#route.reading && !this.#progress.complete) {
      this.abort(new StreamTruncatedError())
    }
  }

  #onClose (leg: Leg, { error, local }: StreamCloseEvent): void {
    if (this.#progress.complete || this.#route.spares(leg)) {
      return
    }

    if (error != null && local !== true) {
      this.onRemoteReset()
    } else if (error != null || leg === this.#route.writing) {
      this.abort(error ?? new StreamTruncatedError())
    }
  }

  #drain (): void {
    if (this.writableNeedsDrain && !this.#route.writing.isFull) {
      this.onMuxerDrain()
    }
  }
}
