import { setMaxListeners } from 'main-event'
import { anySignal } from 'any-signal'
import { CONNECTED } from './connected.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { ClearableSignal } from 'any-signal'

const WEBSOCKETS = '@libp2p/websockets'

/** Milliseconds that a transport may take to end its dial after the signal has aborted: its slot is given away then */
const GRACE = 10_000

/** One dial of a transport, and how it is ended */
export class TransportDial {
  /** Aborts when the dial is ended. Clearable: a transport may listen to the signal for the whole life of the connection */
  readonly signal: ClearableSignal
  /** The tag of the transport; empty: there is none */
  readonly transport: string
  readonly #candidate: Candidate
  readonly #components: Pick<DialComponents, 'clock' | 'transportManager'>
  readonly #close: (connection: Connection) => Promise<void>
  readonly #controller = new AbortController()
  #hasBegun = false
  #isConnected = false
  #endedFor?: Error
  #outlive?: (reason: Error) => void
  #cancelGrace?: () => void
  /** The transport goes on without it */
  #isOutlived = false

  /** @param close closes a connection that comes when nobody waits for it any more */
  constructor (candidate: Candidate, components: Pick<DialComponents, 'clock' | 'transportManager'>, close: (connection: Connection) => Promise<void>) {
    this.#candidate = candidate
    this.#components = components
    this.#close = close
    this.signal = anySignal([this.#controller.signal])
    setMaxListeners(Infinity, this.signal)
    this.transport = components.transportManager.dialTransportForMultiaddr(candidate.multiaddr)?.[Symbol.toStringTag] ?? ''
  }

  get isConnected (): boolean {
    return this.#isConnected
  }

  get isEnded (): boolean {
    return this.#endedFor != null
  }

  /** @throws the transport's error; the reason that it was ended for, also where the transport does not listen */
  async connect (options: (beside: { signal: AbortSignal, [CONNECTED]: () => void }) => object): Promise<Connection> {
    this.signal.throwIfAborted()
    this.#hasBegun = true

    const dialled = this.#components.transportManager.dial(this.#candidate.multiaddr, options({ signal: this.signal, [CONNECTED]: () => { this.connected() } }))
    const connection = await new Promise<Connection>((resolve, reject) => {
      this.#outlive = reason => {
        this.#isOutlived = true
        reject(reason)
        dialled.then(this.#close, () => {}).finally(() => { this.signal.clear() })
      }

      dialled.then(resolve, reject)
    })

    // not every transport says it before
    this.connected()

    return connection
  }

  /** From now on an abort has something to end */
  connected (): void {
    this.#isConnected = true

    if (this.#endedFor != null) {
      this.#controller.abort(this.#endedFor)
    }
  }

  /**
   * Aborts the transport. A WebSocket that is aborted while it connects stays open (js-libp2p pull request 3625): it is aborted when it
   * has connected, as its handshake can be
   */
  end (reason: Error): void {
    this.#endedFor = reason

    if (this.#hasBegun && !this.#isConnected && this.transport === WEBSOCKETS) {
      this.#outlive?.(reason)
    } else {
      this.#controller.abort(reason)
      this.#cancelGrace?.()
      // not every transport listens
      this.#cancelGrace = this.#components.clock.setTimeout(() => { this.#outlive?.(reason) }, GRACE)
    }
  }

  /** Releases the signal and the timer when the attempt is over */
  release (): void {
    this.#cancelGrace?.()

    if (!this.#isOutlived) {
      this.signal.clear()
    }
  }
}
