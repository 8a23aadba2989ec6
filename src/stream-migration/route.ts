import { StreamStateError } from '@libp2p/interface'
import { InvalidFrameError, MigrationDeniedError } from './errors.ts'
import type { Leg, LegListener } from './leg.ts'

/** What an end has to do with a move of its stream, one at a time */
type Turn =
  | { readonly kind: 'steady' }
  /** It has asked, or is about to. Nothing has happened to the stream yet */
  | Proposal
  /** It has agreed, and goes over as soon as the other end has */
  | { readonly kind: 'accepted', readonly leg: Leg }
  /** It writes to the new leg, and reads from the old one until the other end has gone over too */
  | { readonly kind: 'moving', readonly moved: PromiseWithResolvers<void> }

export interface Proposal {
  readonly kind: 'proposing'
  /** Aborts when there is nothing to propose any more */
  readonly controller: AbortController
}

export interface RouteListener extends LegListener {
  /** Another leg is written to, or read from */
  onMove (): void
  /** Bytes of data that this end has sent so far */
  offset (): number
}

const STEADY: Turn = { kind: 'steady' }

/**
 * Which leg a stream is written to, which it is read from, and how it goes over from one to the next. Each direction goes
 * over with a `switch`, its last frame on the old leg; the end that proposed goes first, and until then either leg may
 * be the only one
 */
export class Route {
  readonly #listener: RouteListener
  #writing: Leg
  #reading: Leg
  #turn: Turn = STEADY

  /** @throws StreamStateError - when the leg has closed already */
  constructor (leg: Leg, listener: RouteListener) {
    this.#writing = leg
    this.#reading = leg
    this.#listener = listener

    leg.attach(listener)
  }

  get writing (): Leg {
    return this.#writing
  }

  get reading (): Leg {
    return this.#reading
  }

  /**
   * To be followed by `commit` or `withdraw`
   *
   * @throws MigrationDeniedError - while the stream is being moved already
   */
  propose (): Proposal {
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
   * @throws when one of the legs has closed already; then nothing has happened
   */
  commit (proposal: Proposal, leg: Leg): Promise<void> {
    proposal.controller.signal.throwIfAborted()
    this.#await(leg)
    this.#leave()

    const moved = Promise.withResolvers<void>()
    // whoever asked may be gone by then
    moved.promise.catch(() => {})
    this.#turn = { kind: 'moving', moved }
    this.#writing = leg
    this.#listener.onMove()

    return moved.promise
  }

  /**
   * Whether the other end may move the stream to `leg`. Of two that ask at the same time one wins
   *
   * @throws StreamStateError - when the leg has closed already
   */
  accept (leg: Leg, otherWins: boolean): boolean {
    const turn = this.#turn

    if (turn.kind === 'moving' || (turn.kind === 'proposing' && !otherWins)) {
      return false
    }

    this.#await(leg)

    if (turn.kind === 'proposing') {
      turn.controller.abort(new MigrationDeniedError('The other end moves the stream at the same time'))
    } else if (turn.kind === 'accepted') {
      turn.leg.abort(new MigrationDeniedError('The other end has asked for another connection since'))
    }

    this.#turn = { kind: 'accepted', leg }

    return true
  }

  /** The other end has gone over */
  onSwitch (): void {
    const turn = this.#turn

    if (turn.kind === 'accepted') {
      this.#leave()
      this.#writing = turn.leg
    } else if (turn.kind === 'moving') {
      turn.moved.resolve()
    } else {
      throw new InvalidFrameError('The other end goes over to a connection that was not agreed on, or has gone')
    }

    this.#turn = STEADY
    this.#reading.detach()
    this.#reading = this.#writing
    this.#listener.onMove()
  }

  /** Whether the stream can do without this leg, which has closed */
  spares (leg: Leg): boolean {
    if (this.#turn.kind !== 'accepted' || leg !== this.#turn.leg) {
      return false
    }

    leg.detach()
    this.#turn = STEADY

    return true
  }

  /** Both ends have everything. The other may close the leg that this one still reads */
  finish (): void {
    for (const leg of this.#legs()) {
      leg.detach()
      leg.close()
    }

    this.#endTurn()
  }

  abort (err: Error): void {
    for (const leg of this.#legs()) {
      leg.abort(err)
    }

    this.#endTurn(err)
  }

  /** Nothing is read from it before its turn */
  #await (leg: Leg): void {
    leg.pause()
    leg.attach(this.#listener)
  }

  #leave (): void {
    this.#writing.send({ type: 'switch', offset: this.#listener.offset() })
    this.#writing.close()
  }

  #legs (): Set<Leg> {
    return new Set([this.#writing, this.#reading, ...this.#turn.kind === 'accepted' ? [this.#turn.leg] : []])
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
}
