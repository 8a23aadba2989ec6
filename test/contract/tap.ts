import { AbortError } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** One dial as it reaches the transport */
export interface TransportDial {
  readonly multiaddr: Multiaddr
  /** A copy of the options, because a transport writes into them */
  readonly options: Readonly<Record<string, any>>
  readonly signal: AbortSignal
  /** Dials over TCP. Default: the dialled address, with the signal of the dial */
  connect (to?: Multiaddr, signal?: AbortSignal): Promise<Connection>
  /** Fails a hanging dial */
  fail (error?: Error): void
}

export interface Tap {
  /** The transport for the options of `createLibp2p` */
  readonly transport: (components: any) => any
  readonly dials: TransportDial[]
  /** The dialled addresses, in order */
  readonly addresses: string[]
}

export type OnDial = (dial: TransportDial) => Promise<Connection>

const failures = new WeakMap<TransportDial, Promise<never>>()

/** Creates a TCP transport whose dials are answered by the test. With `matches` it accepts the addresses for which the function returns true */
export function tap (onDial: OnDial = async dial => dial.connect(), matches?: (multiaddr: Multiaddr) => boolean): Tap {
  const dials: TransportDial[] = []

  return {
    dials,
    get addresses () { return dials.map(({ multiaddr }) => multiaddr.toString()) },
    transport: components => {
      const transport = tcp()(components)
      const connect = transport.dial.bind(transport)

      transport.dial = async (multiaddr, options) => {
        const { promise, reject } = Promise.withResolvers<never>()
        promise.catch(() => {})

        const dial: TransportDial = {
          multiaddr,
          options: { ...options },
          signal: options.signal,
          connect: async (to = multiaddr, signal = options.signal) => connect(to, { ...options, signal }),
          fail: (error = new Error(`failed ${multiaddr}`)) => { reject(error) }
        }

        failures.set(dial, promise)
        dials.push(dial)

        return onDial(dial)
      }

      return matches == null
        ? transport
        : Object.assign(transport, { dialFilter: (multiaddrs: Multiaddr[]) => multiaddrs.filter(matches) })
    }
  }
}

/** Hangs until the dial is aborted, or the test fails it */
export const hang: OnDial = async dial => Promise.race([deaf(dial), aborted(dial.signal)])

/** Hangs until the test fails the dial, and ignores its signal, as QUIC does */
export const deaf: OnDial = async dial => failures.get(dial) as Promise<never>

/** Fails immediately */
export const fails: OnDial = async ({ multiaddr }) => { throw new Error(`failed ${multiaddr}`) }

async function aborted (signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    // TCP does not pass on the reason of the signal either
    const onAbort = (): void => { reject(new AbortError()) }

    if (signal.aborted) {
      onAbort()
    } else {
      signal.addEventListener('abort', onAbort, { once: true })
    }
  })
}
