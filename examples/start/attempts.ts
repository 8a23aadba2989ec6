import type { Dialer } from '../../src/index.ts'
import type { TransportManager } from '@libp2p/interface-internal'

/** One address in one dial. Times are in milliseconds since the epoch */
export interface Tried {
  address: string
  startedAt?: number
  endedAt?: number
  /** Time of the first response */
  heardAt?: number
  /** Outcome in a few words */
  end?: string
}

/** Returns a list that fills with the attempts of this package's dialer, from its events */
export function watchDialer (dialer: Dialer): Tried[] {
  const tried: Tried[] = []

  dialer.addEventListener('attempt:end', ({ detail: { address, at, endedAt, firstResponseAt, outcome, error } }) => {
    tried.push({ address, startedAt: at, endedAt, heardAt: firstResponseAt, end: outcome === 'failed' ? wordsOf(error) : outcome })
  })
  dialer.addEventListener('address:dropped', ({ detail: { address, reason } }) => {
    tried.push({ address, end: reason })
  })

  return tried
}

/** Returns the same list for libp2p's own dialer, which has no events: wraps the node's transports */
export function watchTransports (node: object, now: () => number): Tried[] {
  const { transportManager } = (node as { components: { transportManager: TransportManager } }).components
  const dial = transportManager.dial.bind(transportManager)
  const tried: Tried[] = []

  transportManager.dial = async (multiaddr, options) => {
    const one: Tried = { address: multiaddr.toString(), startedAt: now() }
    tried.push(one)

    try {
      const connection = await dial(multiaddr, {
        ...options,
        onProgress: (event: { type: string }) => {
          if (event.type === 'upgrader:encrypt-outbound-connection') {
            one.heardAt = now()
          }
        }
      })
      one.end = 'connected'

      return connection
    } catch (err: any) {
      one.end = wordsOf(err)
      throw err
    } finally {
      one.endedAt = now()
    }
  }

  return tried
}

function wordsOf (error: { name: string, message: string } | undefined): string {
  const { message } = error ?? { message: 'failed' }

  return message.includes('ECONNREFUSED') ? 'refused' : /abort|time/i.test(message) ? 'no answer' : message
}
