import { StreamStateError } from '@libp2p/interface'
import { InvalidFrameError, MigrationDeniedError } from './errors.ts'
import type { PhysicalStream, PhysicalStreamListener } from './physical-stream.ts'

/** The state of a move at this end. One move at a time */
type SwitchState =
  | { readonly kind: 'steady' }
  /** This end has asked for the move, or is about to. The stream is unchanged */
  | Proposal
  /** This end has agreed, and switches when the remote has switched */
  | { readonly kind: 'accepted', readonly physical: PhysicalStream }
  /** This end writes to the new stream. It reads from the old one until the remote has switched too */
  | { readonly kind: 'moving', readonly moved: PromiseWithResolvers<void> }

export interface Proposal {
  readonly kind: 'proposing'
  /** Aborts when the proposal is void */
  readonly controller: AbortController
}

export interface SwitchListener extends PhysicalStreamListener {
  /** Called when this end writes to, or reads from, another physical stream */
  onMove (): void
  /** Returns how many bytes of data this end has sent so far */
  offset (): number
}

const STEADY: SwitchState = { kind: 'steady' }

/**
 * Decides which physical stream carries a labelled stream in each direction, and moves it to another. Each direction ends with a `switch`,
 * its last frame on the old stream. The end that proposed switches first. Until then, either physical stream may remain the only one
 */
export class StreamSwitcher {
  readonly #listener: SwitchListener
  /** The physical streams that this end writes to and reads from. Only the switcher sets them */
  writing: PhysicalStream
  reading: PhysicalStream
  #state: SwitchState = STEADY

  /** @throws StreamStateError when the physical stream has closed already */
  constructor (physical: PhysicalStream, listener: SwitchListener) {
    this.writing = physical
    this.reading = physical
    this.#listener = listener

    physical.attach(listener)
  }

  /**
   * Begins a move. `commit()` or `cancelProposal()` has to follow
   *
   * @throws MigrationDeniedError when the stream is being moved already
   */
  propose (): Proposal {
    if (this.#state.kind !== 'steady') {
      throw new MigrationDeniedError('The stream is being moved already')
    }

    const proposal: Proposal = { kind: 'proposing', controller: new AbortController() }
    this.#state = proposal

    return proposal
  }

  cancelProposal (proposal: Proposal): void {
    if (this.#state === proposal) {
      this.#state = STEADY
    }
  }

  /**
   * Switches to `physical`, after the remote has accepted. This cannot be undone
   *
   * @returns a promise that resolves when the remote has switched too, and everything that it sent before has been read
   * @throws the reason of a void proposal; StreamStateError when one of the physical streams has closed already. The move has not begun then
   */
  commit (proposal: Proposal, physical: PhysicalStream): Promise<void> {
    proposal.controller.signal.throwIfAborted()
    this.#hold(physical)
    this.#sendSwitch()

    const moved = Promise.withResolvers<void>()
    // a rejection is handled, because the caller may not wait for the move any more
    moved.promise.catch(() => {})
    this.#state = { kind: 'moving', moved }
    this.writing = physical
    this.#listener.onMove()

    return moved.promise
  }

  /**
   * Accepts a move of the remote to `physical`. Returns false when another move goes on. When both ends ask at once, one of them wins
   *
   * @throws StreamStateError when `physical` has closed already
   */
  accept (physical: PhysicalStream, otherWins: boolean): boolean {
    const state = this.#state

    if (state.kind === 'moving' || (state.kind === 'proposing' && !otherWins)) {
      return false
    }

    this.#hold(physical)

    if (state.kind === 'proposing') {
      state.controller.abort(new MigrationDeniedError('The other end moves the stream at the same time'))
    } else if (state.kind === 'accepted') {
      state.physical.abort(new MigrationDeniedError('The other end has asked for another connection since'))
    }

    this.#state = { kind: 'accepted', physical }

    return true
  }

  onSwitch (): void {
    const state = this.#state

    if (state.kind === 'accepted') {
      this.#sendSwitch()
      this.writing = state.physical
    } else if (state.kind === 'moving') {
      state.moved.resolve()
    } else {
      throw new InvalidFrameError('The other end goes over to a connection that was not agreed on, or has gone')
    }

    this.#state = STEADY
    this.reading.detach()
    this.reading = this.writing
    this.#listener.onMove()
  }

  /** Abandons a closed physical stream that was accepted and is not in use yet. Returns false for any other one */
  dropAccepted (physical: PhysicalStream): boolean {
    if (this.#state.kind !== 'accepted' || physical !== this.#state.physical) {
      return false
    }

    physical.detach()
    this.#state = STEADY

    return true
  }

  /** Closes all physical streams, after both ends have everything. The remote may close first */
  finish (): void {
    for (const physical of this.#physicalStreams()) {
      physical.detach()
      physical.close()
    }

    this.#endState()
  }

  abort (err: Error): void {
    for (const physical of this.#physicalStreams()) {
      physical.abort(err)
    }

    this.#endState(err)
  }

  /** Listens to a physical stream, but reads nothing until the switch */
  #hold (physical: PhysicalStream): void {
    physical.pause()
    physical.attach(this.#listener)
  }

  #sendSwitch (): void {
    this.writing.send({ type: 'switch', offset: this.#listener.offset() })
    this.writing.close()
  }

  #physicalStreams (): Set<PhysicalStream> {
    return new Set([this.writing, this.reading, ...this.#state.kind === 'accepted' ? [this.#state.physical] : []])
  }

  #endState (err?: Error): void {
    const state = this.#state
    this.#state = STEADY

    if (state.kind === 'proposing') {
      state.controller.abort(err ?? new StreamStateError('The stream has closed'))
    } else if (state.kind === 'moving') {
      if (err == null) {
        state.moved.resolve()
      } else {
        state.moved.reject(err)
      }
    }
  }
}
