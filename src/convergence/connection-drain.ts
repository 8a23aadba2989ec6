import { patch } from '../pipeline/patch.ts'
import { toError } from '../pipeline/errors.ts'
import { CHECK } from './is-responsive.ts'
import type { PeerHost } from './peer-host.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Protocols that libp2p itself runs on every connection. Their streams do not keep a connection open */
export const BACKGROUND: readonly string[] = [
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
  '/libp2p/autonat/1.0.0',
  '/libp2p/autonat/2/dial-request',
  '/libp2p/autonat/2/dial-back',
  '/libp2p/dcutr'
]

/** Maximum milliseconds between two checks, and between two calls of `mayClose` */
const MAX_PATIENCE = 60_000

export interface ConnectionDrainInit extends Pick<PeerHost, 'clock' | 'idle' | 'background'> {
  /** Minimum milliseconds of the drain, so that both ends have seen the connection that stays */
  readonly settle: number
  /** Time on the clock after which application streams do not keep the connection open. Default: they always do */
  readonly deadline?: number
  /** Returns whether the connection may be closed now. Called when no stream keeps it open */
  readonly mayClose: (signal: AbortSignal) => Promise<boolean>
  readonly close: () => Promise<void>
  /** Called with the error of `mayClose` or `close`, which ends the drain */
  readonly onError: (error: Error) => void
}

/** Closes a connection once it has been idle, unless the drain is ended first */
export class ConnectionDrain {
  readonly #connection: Connection
  readonly #init: ConnectionDrainInit
  readonly #controller = new AbortController()
  readonly #unpatch: () => void
  readonly #watched = new Set<Stream>()
  #lastUse: number
  #notBefore: number
  #patience: number
  /** Number of pending `newStream()` calls: their streams may not be in the connection's list yet */
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

  /** Time on the clock when the connection is closed, whatever it carries */
  get deadline (): number | undefined {
    return this.#init.deadline
  }

  /** Closes the connection if it is idle, else schedules the next check. Call it when `idle` has changed */
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
      // the streams are polled: a remote's stream has no protocol at first, and no event tells when it turns out to be a ping
      this.#cancelTimer = clock.setTimeout(() => { this.look() }, Math.min(due - clock.now(), MAX_PATIENCE))
    }
  }

  /** Ends the drain. The connection stays open, unless it is being closed already */
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

      // a stream may have opened while `mayClose` was pending
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

  /** Returns the time when the connection is to be closed, as far as is known now */
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
    const stream = event.target as unknown as Stream
    this.#watched.delete(stream)

    // a remote's stream has no protocol until it is negotiated, and may turn out to be a ping
    if (stream.protocol === '' || this.#init.background.includes(stream.protocol)) {
      this.look()
    } else {
      this.#use()
    }
  }

  /** Records the use by a new stream, which may open and close between two checks */
  async #noted (protocols: string | string[], open: () => Promise<Stream>): Promise<Stream> {
    // background streams and checks do not count as use: libp2p pings more often than a connection has to be idle
    if (protocols === CHECK || [protocols].flat().every(one => this.#init.background.includes(one))) {
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
