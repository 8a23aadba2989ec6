import { Wake } from './wake.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** What libp2p runs by itself on every connection: no reason to keep one open */
export const BACKGROUND: readonly string[] = [
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
  '/libp2p/autonat/1.0.0',
  '/libp2p/autonat/2/dial-request',
  '/libp2p/autonat/2/dial-back',
  '/libp2p/dcutr'
]

/** Milliseconds after which it is asked again at the latest whether one may be closed */
const MAX_PATIENCE = 60_000

export interface DrainInit {
  readonly clock: Clock
  /** Milliseconds without an application stream after which it is closed */
  readonly idle: number
  /** Milliseconds that go by in any case, so that both ends have seen the connection that stays */
  readonly settle: number
  /** On the clock: from then on application streams do not hold it. Default: they always do */
  readonly deadline?: number
  readonly background: readonly string[]
  /** Whether it may be closed now, asked when nothing holds it */
  readonly mayClose: (signal: AbortSignal) => Promise<boolean>
  readonly close: (connection: Connection) => Promise<void>
}

/**
 * Closes a connection when it carries nothing any more. Resolves when that is done
 *
 * @throws the signal's reason when that aborts first: it is left open
 */
export async function drain (connection: Connection, init: DrainInit, signal: AbortSignal): Promise<void> {
  const draining = new Drain(connection, init)

  try {
    await draining.run(signal)
  } finally {
    draining.end()
  }
}

class Drain {
  readonly #connection: Connection
  readonly #init: DrainInit
  /** What stood there, to be put back */
  readonly #own?: PropertyDescriptor
  readonly #newStream: Connection['newStream']
  readonly #watched = new Set<Stream>()
  readonly #wake = new Wake()
  #lastUse: number
  #notBefore: number
  #patience: number

  constructor (connection: Connection, init: DrainInit) {
    this.#connection = connection
    this.#init = init
    this.#lastUse = init.clock.now()
    this.#patience = init.settle
    this.#notBefore = this.#lastUse + init.settle
    // one who holds the connection may open a stream every second, each of which is gone when this looks
    this.#own = Object.getOwnPropertyDescriptor(connection, 'newStream')
    this.#newStream = connection.newStream.bind(connection)
    connection.newStream = this.#noted
  }

  async run (signal: AbortSignal): Promise<void> {
    const { clock, mayClose, close } = this.#init

    while (true) {
      signal.throwIfAborted()
      const due = this.#due()

      if (due > clock.now()) {
        await this.#waitUntil(due, signal)
      } else if (await mayClose(signal)) {
        // something may have begun while it was asked
        if (this.#due() <= clock.now()) {
          await close(this.#connection)
          return
        }
      } else {
        this.#notBefore = clock.now() + this.#patience
        this.#patience = Math.min(this.#patience * 2, MAX_PATIENCE)
      }
    }
  }

  end (): void {
    this.#watched.forEach(stream => { stream.removeEventListener('close', this.#onClose) })
    this.#watched.clear()

    if (this.#connection.newStream !== this.#noted) {
      return
    }

    if (this.#own == null) {
      Reflect.deleteProperty(this.#connection, 'newStream')
    } else {
      Object.defineProperty(this.#connection, 'newStream', this.#own)
    }
  }

  /** When it is to be closed, as it now looks */
  #due (): number {
    const { idle, deadline = Infinity } = this.#init
    const held = this.#connection.streams.filter(({ protocol }) => !this.#init.background.includes(protocol))

    for (const stream of held) {
      if (!this.#watched.has(stream)) {
        this.#watched.add(stream)
        stream.addEventListener('close', this.#onClose, { once: true })
      }
    }

    return Math.max(this.#notBefore, Math.min(deadline, held.length > 0 ? Infinity : this.#lastUse + idle))
  }

  async #waitUntil (due: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    const cancel = due === Infinity ? undefined : clock.setTimeout(() => { this.#wake.notify() }, due - clock.now())

    try {
      await this.#wake.wait(signal)
    } finally {
      cancel?.()
    }
  }

  readonly #onClose = (event: Event): void => {
    this.#watched.delete(event.target as unknown as Stream)
    this.#use()
  }

  readonly #noted: Connection['newStream'] = async (...args) => {
    this.#use()

    return this.#newStream(...args)
  }

  #use (): void {
    this.#lastUse = this.#init.clock.now()
    this.#wake.notify()
  }
}
