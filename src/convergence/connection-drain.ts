import { patch } from '../pipeline/patch.ts'
import { toError } from '../pipeline/errors.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Protocols that libp2p runs by itself on every connection: no reason to keep one open */
export const BACKGROUND: readonly string[] = [
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
  '/libp2p/autonat/1.0.0',
  '/libp2p/autonat/2/dial-request',
  '/libp2p/autonat/2/dial-back',
  '/libp2p/dcutr'
]

/** Milliseconds after which the drain looks again at the latest, and calls `mayClose` again */
const MAX_PATIENCE = 60_000

export interface ConnectionDrainInit {
  readonly clock: Clock
  /** Returns for how many milliseconds the connection must have had no application stream before it is closed, as things are now */
  readonly idle: () => number
  /** Milliseconds that go by in any case, so that both ends have seen the connection that stays */
  readonly settle: number
  /** On the clock: from then on application streams do not hold the connection. Default: they always do */
  readonly deadline?: number
  readonly background: readonly string[]
  /** Returns whether the connection may be closed now. Called when nothing holds it */
  readonly mayClose: (signal: AbortSignal) => Promise<boolean>
  readonly close: () => Promise<void>
  /** Called with what `mayClose` or `close` rejects with: the drain is over then */
  readonly onError: (error: Error) => void
}

/** Closes a connection once it carries nothing, unless the drain ends before */
export class ConnectionDrain {
  readonly #connection: Connection
  readonly #init: ConnectionDrainInit
  readonly #controller = new AbortController()
  readonly #unpatch: () => void
  readonly #watched = new Set<Stream>()
  #lastUse: number
  #notBefore: number
  #patience: number
  /** Calls of `newStream()` that have not ended: a stream is not always in the list of the connection from the call on */
  #opening = 0
  #isClosing = false
  #cancelTimer?: () => void

  constructor (connection: Connection, init: ConnectionDrainInit) {
    this.#connection = connection
    this.#init = init
    this.#lastUse = init.clock.now()
    this.#patience = init.settle
    this.#notBefore = this.#lastUse + init.settle
    const newStream = connection.newStream.bind(connection)
    this.#unpatch = patch(connection, 'newStream', async (protocols, options) => this.#noted(protocols, async () => newStream(protocols, options)))
    this.look()
  }

  /** On the clock: when the connection is closed whatever it carries */
  get deadline (): number | undefined {
    return this.#init.deadline
  }

  /** Closes the connection if nothing holds it, or looks again when that may be so. Call it when `idle` has changed */
  look (): void {
    const { signal } = this.#controller
    this.#cancelTimer?.()

    if (signal.aborted || this.#isClosing) {
      return
    }

    const { clock } = this.#init
    const due = this.#due()

    if (due <= clock.now()) {
      this.#isClosing = true
      void this.#close(signal)
    } else {
      // a stream of the remote has no protocol at first, and nothing says when it turns out to be a ping
      this.#cancelTimer = clock.setTimeout(() => { this.look() }, Math.min(due - clock.now(), MAX_PATIENCE))
    }
  }

  /** The connection stays open, unless it is being closed already */
  end (): void {
    this.#controller.abort()
    this.#cancelTimer?.()
    this.#unpatch()
    this.#watched.forEach(stream => { stream.removeEventListener('close', this.#onClose) })
    this.#watched.clear()
  }

  async #close (signal: AbortSignal): Promise<void> {
    const { clock, mayClose, close, onError } = this.#init

    try {
      const isAllowed = await mayClose(signal)

      if (signal.aborted) {
        return
      }

      // something may have begun meanwhile
      if (isAllowed && this.#due() <= clock.now()) {
        await close()
        this.end()

        return
      }

      if (!isAllowed) {
        this.#notBefore = clock.now() + this.#patience
        this.#patience = Math.min(this.#patience * 2, MAX_PATIENCE)
      }

      this.#isClosing = false
      this.look()
    } catch (err) {
      if (!signal.aborted) {
        this.end()
        onError(toError(err))
      }
    }
  }

  /** When the connection is to be closed, as it now looks */
  #due (): number {
    const { idle, deadline = Infinity, background } = this.#init
    const held = this.#connection.streams.filter(({ protocol }) => !background.includes(protocol))

    for (const stream of held) {
      if (!this.#watched.has(stream)) {
        this.#watched.add(stream)
        stream.addEventListener('close', this.#onClose, { once: true })
      }
    }

    return Math.max(this.#notBefore, Math.min(deadline, held.length + this.#opening > 0 ? Infinity : this.#lastUse + idle()))
  }

  readonly #onClose = (event: Event): void => {
    this.#watched.delete(event.target as unknown as Stream)
    this.#use()
  }

  /** A stream may open and close between two looks */
  async #noted (protocols: string | string[], open: () => Promise<Stream>): Promise<Stream> {
    // libp2p's connection monitor pings each connection more often than one has to be idle
    if ([protocols].flat().every(one => this.#init.background.includes(one))) {
      return open()
    }

    this.#opening++

    try {
      return await open()
    } finally {
      this.#opening--
      this.#use()
    }
  }

  #use (): void {
    this.#lastUse = this.#init.clock.now()
    this.look()
  }
}
