import { StreamResetError, StreamStateError } from '@libp2p/interface'
import { AbstractStream } from '@libp2p/utils'
import { InvalidFrameError, StreamTruncatedError } from './errors.ts'
import { ByteCounters } from './byte-counters.ts'
import { MAX_DATA_SIZE } from './protocol.ts'
import { StreamSwitcher } from './stream-switcher.ts'
import type { Frame } from './frames.ts'
import type { PhysicalStream } from './physical-stream.ts'
import type { Proposal } from './stream-switcher.ts'
import type { MigratableStream } from './types.ts'
import type { Connection, MessageStreamDirection, StreamCloseEvent } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

const TRUNCATED = 'The connection ended before the stream did'

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
  readonly #counters = new ByteCounters()
  readonly #switcher: StreamSwitcher

  /** @throws StreamStateError when the physical stream has closed already */
  constructor (physical: PhysicalStream, { id, protocol, direction, runOnLimitedConnection }: LabelledStreamInit) {
    const { log, maxReadBufferLength, maxWriteBufferLength, inactivityTimeout } = physical.stream

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
    this.#switcher = new StreamSwitcher(physical, {
      onFrame: (physical, frame) => { this.#onFrame(physical, frame) },
      onInvalid: err => { this.abort(err) },
      onEnd: physical => { this.#onEnd(physical) },
      onClose: (physical, event) => { this.#onClose(physical, event) },
      onDrain: () => { this.#drain() },
      onMove: () => {
        this.#drain()
        this.sendResume()
      },
      offset: () => this.#counters.sent
    })
  }

  get connection (): Connection {
    return this.#switcher.writing.connection
  }

  /**
   * Begins a move. `commit()` or `cancelProposal()` has to follow
   *
   * @throws StreamStateError when the stream has closed
   * @throws MigrationDeniedError when the stream is being moved already
   */
  propose (): Proposal {
    if (!this.#isMovable()) {
      throw new StreamStateError('A stream that has closed cannot be moved')
    }

    return this.#switcher.propose()
  }

  cancelProposal (proposal: Proposal): void {
    this.#switcher.cancelProposal(proposal)
  }

  commit (proposal: Proposal, physical: PhysicalStream): Promise<void> {
    return this.#switcher.commit(proposal, physical)
  }

  accept (physical: PhysicalStream, otherWins: boolean): boolean {
    return this.#isMovable() && this.#switcher.accept(physical, otherWins)
  }

  sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    const canSendMore = this.#switcher.writing.send({ type: 'data', data })
    this.#counters.sent += sentBytes

    return { sentBytes, canSendMore }
  }

  sendReset (err: Error): void {
    this.#switcher.abort(err)
  }

  sendPause (): void {
    this.#switcher.reading.pause()
  }

  sendResume (): void {
    // a reader of the buffered data may have paused again
    if (this.readStatus !== 'paused') {
      this.#switcher.reading.resume()
    }
  }

  async sendCloseWrite (): Promise<void> {
    this.#switcher.writing.send({ type: 'fin', offset: this.#counters.sent })
    this.#counters.finSent = true
  }

  /** Discards data from now on. Other frames of the remote still count */
  async sendCloseRead (): Promise<void> {
    this.#switcher.reading.resume()
  }

  override onRemoteReset (): void {
    this.#switcher.abort(new StreamResetError())
    super.onRemoteReset()
  }

  /** Called when both directions have ended. Closes the stream only if the remote has everything too */
  override onTransportClosed (err?: Error): void {
    if (err != null) {
      super.onTransportClosed(err)
    } else if (this.#counters.complete) {
      this.#switcher.finish()
      super.onTransportClosed()
    }
  }

  #isMovable (): boolean {
    return this.status === 'open' && !this.#counters.complete
  }

  #onFrame (physical: PhysicalStream, frame: Frame): void {
    if (physical !== this.#switcher.reading) {
      throw new InvalidFrameError('A frame out of turn')
    }

    switch (frame.type) {
      case 'data':
        this.#counters.onData(frame.data.byteLength)
        this.onData(frame.data)
        return
      case 'switch':
        this.#counters.checkOffset(frame.offset)
        this.#switcher.onSwitch()
        return
      case 'fin':
        this.#counters.onFin(frame.offset)
        this.#switcher.writing.send({ type: 'fin-ack' })
        this.onRemoteCloseWrite()
        return
      case 'fin-ack':
        this.#counters.onFinAck()

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

  #onEnd (physical: PhysicalStream): void {
    if (physical === this.#switcher.reading && !this.#counters.complete) {
      this.abort(new StreamTruncatedError(TRUNCATED))
    }
  }

  #onClose (physical: PhysicalStream, { error, local }: StreamCloseEvent): void {
    if (this.#counters.complete || this.#switcher.dropAccepted(physical)) {
      return
    }

    if (error != null && local !== true) {
      this.onRemoteReset()
    } else if (error != null || physical === this.#switcher.writing) {
      this.abort(error ?? new StreamTruncatedError(TRUNCATED))
    }
  }

  #drain (): void {
    if (this.writableNeedsDrain && !this.#switcher.writing.isFull) {
      this.onMuxerDrain()
    }
  }
}
