import { transportSymbol } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import type { Connection, MultiaddrConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** One side of a TCP simultaneous open: both sides dial, and share one connection without a listener */
interface Side {
  readonly multiaddr: Multiaddr
  meet (maConn: MultiaddrConnection): void
}

/** A transport that connects two nodes if both dial at the same time, as in hole punching */
export class SimultaneousOpen {
  /** The number of connections so far */
  met = 0
  readonly #matches: (multiaddr: Multiaddr) => boolean
  #refused: number
  #waiting?: Side

  constructor (matches: (multiaddr: Multiaddr) => boolean, { refused = 0 } = {}) {
    this.#matches = matches
    this.#refused = refused
  }

  /** The transport for the `createLibp2p` options of both nodes */
  readonly transport = (): any => ({
    [transportSymbol]: true,
    [Symbol.toStringTag]: 'simultaneous-open',
    listenFilter: () => [],
    dialFilter: (multiaddrs: Multiaddr[]) => multiaddrs.filter(this.#matches),
    createListener: () => { throw new Error('It does not listen') },
    dial: async (multiaddr: Multiaddr, options: any): Promise<Connection> => {
      options.signal.throwIfAborted()

      if (this.#refused-- > 0) {
        throw new Error('Nobody dials from there')
      }

      const maConn = await this.#open(multiaddr, options.signal)

      try {
        return await options.upgrader.upgradeOutbound(maConn, options)
      } catch (err: any) {
        maConn.abort(err)
        throw err
      }
    }
  })

  async #open (multiaddr: Multiaddr, signal: AbortSignal): Promise<MultiaddrConnection> {
    const other = this.#waiting

    if (other != null) {
      this.#waiting = undefined
      this.met++
      const [one, two] = multiaddrConnectionPair({ outbound: { remoteAddr: multiaddr }, inbound: { remoteAddr: other.multiaddr } })
      other.meet(two)

      return one
    }

    return new Promise((resolve, reject) => {
      this.#waiting = { multiaddr, meet: resolve }

      signal.addEventListener('abort', () => {
        this.#waiting = undefined
        reject(signal.reason)
      }, { once: true })
    })
  }
}
