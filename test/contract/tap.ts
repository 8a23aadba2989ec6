import { AbortError } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** One dial as it reaches the transport */
export interface TransportDial {
  readonly multiaddr: Multiaddr
  /** As they were passed: a transport writes into them */
  readonly options: Readonly<Record<string, any>>
  readonly signal: AbortSignal
  /** What TCP does with it; with another address, or another signal, where they are given */
  connect (to?: Multiaddr, signal?: AbortSignal): Promise<Connection>
  /** Ends it, where it hangs */
  fail (error?: Error): void
}

export interface Tap {
  /** For `createLibp2p` */
  readonly transport: (components: any) => any
  readonly dials: TransportDial[]
  /** The addresses that were dialled, in order */
  readonly addresses: string[]
}

export type OnDial = (dial: TransportDial) => Promise<Connection>

const failures = new WeakMap<TransportDial, Promise<never>>()

/** TCP, but the test decides what becomes of each dial. It takes whatever address `matches` likes, where that is given */
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

/** Goes on until it is aborted, or the test has it fail */
export const hang: OnDial = async dial => Promise.race([deaf(dial), aborted(dial.signal)])

/** Goes on until the test has it fail, whatever its signal says: so does QUIC */
export const deaf: OnDial = async dial => failures.get(dial) as Promise<never>

/** Fails at once */
export const fails: OnDial = async ({ multiaddr }) => { throw new Error(`failed ${multiaddr}`) }

async function aborted (signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    // as TCP does, which does not say why
    const onAbort = (): void => { reject(new AbortError()) }

    if (signal.aborted) {
      onAbort()
    } else {
      signal.addEventListener('abort', onAbort, { once: true })
    }
  })
}
