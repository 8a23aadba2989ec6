import { StreamStateError } from '@libp2p/interface'
import { InvalidFrameError, MigrationDeniedError } from './errors.ts'
import type { Leg, LegListener } from './leg.ts'

/** The state of a move at this end. One move at a time */
type Turn =
  | { readonly kind: 'steady' }
  /** This end has asked, or is about to. The stream is unchanged */
  | Proposal
  /** This end has agreed, and switches when the remote has switched */
  | { readonly kind: 'accepted', readonly leg: Leg }
  /** This end writes to the new stream. It reads from the old one until the remote has switched too */
  | { readonly kind: 'moving', readonly moved: PromiseWithResolvers<void> }

export interface Proposal {
  readonly kind: 'proposing'
  /** Aborts when the proposal is void */
  readonly controller: AbortController
}

export interface RouteListener extends LegListener {
  /** Called when this end writes to, or reads from, another physical stream */
  onMove (): void
  /** Returns how many bytes of data this end has sent so far */
  offset (): number
}

const STEADY: Turn = { kind: 'steady' }

/**
 * Decides which physical stream carries a labelled stream in each direction, and moves it to another. Each direction ends with a `switch`,
 * its last frame on the old stream. The end that proposed switches first. Until then, either physical stream may remain the only one
 */
export class Route {
  readonly #listener: RouteListener
  #writing: Leg
  #reading: Leg
  #turn: Turn = STEADY

  /** @throws StreamStateError when the physical stream has closed already */
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
   * Begins a move. `commit()` or `withdraw()` has to follow
   *
   * @throws MigrationDeniedError when the stream is being moved already
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
   * Switches to `leg`, after the remote has accepted. This cannot be undone
   *
   * @returns a promise that resolves when the remote has switched too, and everything that it sent before has been read
   * @throws the reason of a void proposal; StreamStateError when one of the physical streams has closed already. The move has not begun then
   */
  commit (proposal: Proposal, leg: Leg): Promise<void> {
    proposal.controller.signal.throwIfAborted()
    this.#await(leg)
    this.#leave()

    const moved = Promise.withResolvers<void>()
    // the caller of the move may not wait for it any more
    moved.promise.catch(() => {})
    this.#turn = { kind: 'moving', moved }
    this.#writing = leg
    this.#listener.onMove()

    return moved.promise
  }

  /**
   * Accepts a move of the remote to `leg`. Returns false when another move goes on. When both ends ask at once, one of them wins
   *
   * @throws StreamStateError when `leg` has closed already
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

  /** Called when the remote has switched */
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

  /** Abandons a closed physical stream that was accepted and is not in use yet. Returns false for any other one */
  spares (leg: Leg): boolean {
    if (this.#turn.kind !== 'accepted' || leg !== this.#turn.leg) {
      return false
    }

    leg.detach()
    this.#turn = STEADY

    return true
  }

  /** Closes all physical streams, after both ends have everything. The remote may close first */
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

  /** Listens to a physical stream, but reads nothing before its turn */
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
