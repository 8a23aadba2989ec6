import { StreamResetError, StreamStateError } from '@libp2p/interface'
import { AbstractStream } from '@libp2p/utils'
import { InvalidFrameError, MigrationDeniedError, StreamTruncatedError } from './errors.ts'
import { Progress } from './progress.ts'
import { MAX_DATA_SIZE } from './protocol.ts'
import { STEADY } from './turn.ts'
import type { Frame } from './frames.ts'
import type { Leg, LegListener } from './leg.ts'
import type { Proposal, Turn } from './turn.ts'
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

/**
 * A stream that goes over from one leg to the next. Each direction goes over with a `switch`, the last frame of that
 * direction on the old leg; the end that proposed goes first, and until then either leg may go without harm
 */
export class LabelledStream extends AbstractStream implements MigratableStream {
  readonly label: number
  readonly runOnLimitedConnection: boolean
  readonly #progress = new Progress()
  readonly #listener: LegListener
  #writing: Leg
  #reading: Leg
  #turn: Turn = STEADY

  /** @throws StreamStateError - when the leg has closed already */
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
    this.#writing = leg
    this.#reading = leg
    this.#listener = {
      onFrame: (leg, frame) => { this.#onFrame(leg, frame) },
      onInvalid: err => { this.abort(err) },
      onEnd: leg => { this.#onEnd(leg) },
      onClose: (leg, event) => { this.#onClose(leg, event) },
      onDrain: leg => { if (leg === this.#writing) { this.onMuxerDrain() } }
    }

    leg.attach(this.#listener)
  }

  get connection (): Connection {
    return this.#writing.connection
  }

  /**
   * To be followed by `commit` or `withdraw`
   *
   * @throws MigrationDeniedError - while the stream is being moved already
   * @throws StreamStateError - when the stream has closed
   */
  propose (): Proposal {
    if (this.status !== 'open' || this.#progress.complete) {
      throw new StreamStateError('A stream that has closed cannot be moved')
    }

    if (this.#turn.kind !== 'steady') {
      throw new MigrationDeniedError('The stream is being moved already')
    }

    const proposal: Proposal = { kind: 'proposing', controller: new AbortController() }
    this.#turn = proposal

    return proposal
  }

  withdraw (proposal: Proposal): void {
    if (this.#turn === proposal) {
      this.#turn = STEADY
    }
  }

  /**
   * Goes over to `leg`, to which the other end has agreed. There is no way back
   *
   * @returns when the other end has gone over too and all it sent before has been read
   * @throws when the leg has closed already; then nothing has happened
   */
  commit (proposal: Proposal, leg: Leg): Promise<void> {
    proposal.controller.signal.throwIfAborted()
    leg.pause()
    leg.attach(this.#listener)

    const moved = Promise.withResolvers<void>()
    this.#leave()
    this.#turn = { kind: 'moving', moved }
    this.#writeTo(leg)
    // whoever asked may be gone by then
    moved.promise.catch(() => {})

    return moved.promise
  }

  /**
   * Whether the other end may move the stream to `leg`. Of two that ask at the same time one wins
   *
   * @throws StreamStateError - when the leg has closed already
   */
  accept (leg: Leg, otherWins: boolean): boolean {
    const turn = this.#turn

    if (this.status !== 'open' || this.#progress.complete || turn.kind === 'moving' || (turn.kind === 'proposing' && !otherWins)) {
      return false
    }

    leg.pause()
    leg.attach(this.#listener)

    if (turn.kind === 'proposing') {
      turn.controller.abort(new MigrationDeniedError('The other end moves the stream at the same time'))
    } else if (turn.kind === 'accepted') {
      turn.leg.abort(new MigrationDeniedError('The other end has asked for another connection since'))
    }

    this.#turn = { kind: 'accepted', leg }

    return true
  }

  sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    const canSendMore = this.#writing.send({ type: 'data', data })
    this.#progress.sent += sentBytes

    return { sentBytes, canSendMore }
  }

  sendReset (err: Error): void {
    this.#drop(err)
  }

  sendPause (): void {
    this.#reading.pause()
  }

  sendResume (): void {
    // who is given what was buffered may have paused again
    if (this.readStatus !== 'paused') {
      this.#reading.resume()
    }
  }

  async sendCloseWrite (): Promise<void> {
    this.#writing.send({ type: 'fin', offset: this.#progress.sent })
    this.#progress.finSent = true
  }

  /** Data is thrown away from here on, but the rest of what the other end says still counts */
  async sendCloseRead (): Promise<void> {
    this.#reading.resume()
  }

  override onRemoteReset (): void {
    this.#drop(new StreamResetError())
    super.onRemoteReset()
  }

  /** Both directions have ended. That is the end only if the other end has everything too */
  override onTransportClosed (err?: Error): void {
    if (err == null && this.#progress.complete) {
      this.#finish()
    }

    if (err != null || this.#progress.complete) {
      super.onTransportClosed(err)
    }
  }

  #onFrame (leg: Leg, frame: Frame): void {
    if (this.#progress.complete) {
      return
    }

    if (leg !== this.#reading) {
      throw new InvalidFrameError('A frame out of turn')
    }

    switch (frame.type) {
      case 'data':
        this.#progress.onData(frame.data.byteLength)
        this.onData(frame.data)
        return
      case 'switch':
        this.#progress.checkOffset(frame.offset)
        this.#onSwitch()
        return
      case 'fin':
        this.#progress.onFin(frame.offset)
        this.#writing.send({ type: 'fin-ack' })
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

  #onSwitch (): void {
    const turn = this.#turn

    if (turn.kind === 'accepted') {
      this.#leave()
      this.#turn = STEADY
      this.#writeTo(turn.leg)
      this.#readFrom(turn.leg)
    } else if (turn.kind === 'moving') {
      this.#turn = STEADY
      this.#readFrom(this.#writing)
      turn.moved.resolve()
    } else {
      throw new InvalidFrameError('The other end goes over to a connection that was not agreed on, or has gone')
    }
  }

  /** Writes no more to this leg */
  #leave (): void {
    this.#writing.send({ type: 'switch', offset: this.#progress.sent })
    this.#writing.close()
  }

  #writeTo (leg: Leg): void {
    this.#writing = leg

    if (this.writableNeedsDrain && !leg.isFull) {
      this.onMuxerDrain()
    }
  }

  #readFrom (leg: Leg): void {
    this.#reading.detach()
    this.#reading = leg
    this.sendResume()
  }

  #onEnd (leg: Leg): void {
    if (leg === this.#reading && !this.#progress.complete) {
      this.abort(new StreamTruncatedError())
    }
  }

  #onClose (leg: Leg, { error, local }: StreamCloseEvent): void {
    const turn = this.#turn

    if (this.#progress.complete) {
      return
    }

    if (turn.kind === 'accepted' && leg === turn.leg) {
      leg.detach()
      this.#turn = STEADY
    } else if (error != null && !(local ?? false)) {
      this.onRemoteReset()
    } else if (error != null || leg === this.#writing) {
      this.abort(error ?? new StreamTruncatedError())
    }
  }

  /** The other end has everything, and may close the leg that this one still reads */
  #finish (): void {
    for (const leg of this.#legs()) {
      leg.detach()
      leg.close()
    }

    this.#endTurn()
  }

  #drop (err: Error): void {
    for (const leg of this.#legs()) {
      leg.abort(err)
    }

    this.#endTurn(err)
  }

  #endTurn (err?: Error): void {
    const turn = this.#turn
    this.#turn = STEADY

    if (turn.kind === 'proposing') {
      turn.controller.abort(err ?? new StreamStateError('The stream has closed'))
    } else if (turn.kind === 'moving') {
      if (err == null) {
        turn.moved.resolve()
      } else {
        turn.moved.reject(err)
      }
    }
  }

  #legs (): Set<Leg> {
    return new Set([this.#writing, this.#reading, ...this.#turn.kind === 'accepted' ? [this.#turn.leg] : []])
  }
}
