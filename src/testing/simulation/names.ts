import { sleep } from '../../pipeline/clock.ts'
import type { SimulatedName } from './network.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { MultiaddrResolver } from '@libp2p/interface'

/** Returns a resolver of some names, each with its delay. `names` is called for each query */
export function simulatedResolver (clock: Clock, names: () => readonly SimulatedName[]): MultiaddrResolver {
  return {
    canResolve: multiaddr => multiaddr.getComponents()[0]?.name === 'dnsaddr',
    resolve: async (multiaddr, { signal = new AbortController().signal }) => {
      const text = multiaddr.toString()
      // a dial appends the peer id to the name
      const name = names().find(({ multiaddr }) => text === multiaddr.toString() || text.startsWith(`${multiaddr.toString()}/p2p/`))

      if (name == null) {
        throw new Error('no such name')
      }

      await sleep(name.after, clock, signal)

      return name.addresses.map(({ multiaddr }) => multiaddr)
    }
  }
}
