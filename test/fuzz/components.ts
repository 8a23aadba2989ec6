import { NotFoundError } from '@libp2p/interface'
import { sleep } from '../../src/pipeline/clock.ts'
import { scriptedComponents } from '../../src/testing/scripted-components.ts'
import { randomAddress, SELF } from './addresses.ts'
import { never } from './fuzz-clock.ts'
import { hash, Random } from './random.ts'
import type { FuzzClock } from './fuzz-clock.ts'
import type { Network } from './networks.ts'
import type { DialConvergence } from '../../src/pipeline/convergence.ts'
import type { DialComponents } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const UNHEARD = new AbortController().signal

/** The components of a node, some of them unreliable, and a function that repairs them */
export interface FuzzComponents {
  components: DialComponents
  mend (): void
}

/** Usually returns the answer. Sometimes it delays it, never settles, throws or returns nonsense */
function clumsily (random: Random, clock: FuzzClock, answer: (text: string) => unknown, odds = 0.3): (...args: any[]) => any {
  const how = random.chance(odds) ? random.between(1, 8) : 0
  const ms = random.below(3_000)
  const value = random.pick<any>([undefined, null, 'text', 7, {}])

  return (...args) => {
    const text = String(args[0])

    switch (how) {
      case 1: return sleep(ms, clock, UNHEARD).then(() => answer(text))
      case 2: return sleep(ms, clock, args.at(-1)?.signal ?? UNHEARD).then(() => answer(text))
      case 3: throw new Error('threw at once')
      case 4: return sleep(ms, clock, UNHEARD).then(() => { throw new Error('rejected later') })
      case 5: return never()
      case 6: throw value
      case 7: return Promise.reject(value)
      case 8: return Promise.resolve(value)
      default: return Promise.resolve(answer(text))
    }
  }
}

/** Returns the addresses that a store, a router or a name has for a peer. Every call returns the same */
export function addressesOf (seed: number, peer: PeerId, where: string): Multiaddr[] {
  const random = new Random(hash(`${seed} ${where} ${peer}`))
  // in some cases nearly every address is behind a relay
  const circuits = seed % 6 === 0 ? 0.9 : 0.3

  return random.list(5, () => randomAddress(random, peer, circuits))
}

function transportOf (seed: number, isPicky: boolean, address: Multiaddr): object | undefined {
  const text = address.toString()

  if (isPicky && hash(`${seed} transport ${text}`) % 11 === 0) {
    throw new Error('the dial filter threw')
  }

  const names: Record<string, string> = { 'p2p-circuit': 'circuit-relay-v2-transport', ws: 'websockets', 'quic-v1': 'quic', tcp: 'tcp' }
  const name = Object.keys(names).find(protocol => text.includes(`/${protocol}`))

  return name == null ? undefined : { [Symbol.toStringTag]: `@libp2p/${names[name]}` }
}

/** Returns a random preference between addresses for two of three seeds: dials then go on for a better connection more often than with limits and relays alone */
function preferenceOf (seed: number): DialConvergence | undefined {
  const placeOf = (address: Multiaddr): number => hash(`${seed} place ${address.toString()}`) % 4

  return seed % 3 === 0
    ? undefined
    : {
        isBetter: ({ multiaddr }, { remoteAddr }) => placeOf(multiaddr) < placeOf(remoteAddr),
        isBest: ({ remoteAddr }) => placeOf(remoteAddr) === 0
      }
}

export function randomComponents (seed: number, random: Random, clock: FuzzClock, network: Network): FuzzComponents {
  const isPicky = random.chance(0.05)
  const gater = random.chance(0.35)
    ? { denyDialPeer: clumsily(random, clock, peer => hash(`${seed} ${peer}`) % 9 === 0), denyDialMultiaddr: clumsily(random, clock, address => hash(`${seed} ${address}`) % 5 === 0) }
    : {}
  const find = clumsily(random, clock, () => [])
  const get = clumsily(random, clock, () => undefined, 0.2)
  const components = scriptedComponents({ clock, network: network as any, peerId: SELF })
  const sane = { gater: {}, merge: async () => {}, transport: (address: Multiaddr) => transportOf(seed, false, address) }

  const clumsy = {
    connectionGater: gater,
    connectionManager: {
      getConnections: (peer?: PeerId) => network.open.filter(({ remotePeer }) => peer == null || remotePeer.equals(peer))
    },
    peerStore: {
      merge: clumsily(random, clock, () => undefined, 0.2),
      get: async (peer: PeerId, options?: object) => {
        const answer = await get(peer, options)
        const addresses = addressesOf(seed, peer, 'store')

        if (answer === undefined && addresses.length === 0) {
          throw new NotFoundError('nothing is known')
        }

        return answer ?? { id: peer, addresses: addresses.map(multiaddr => ({ multiaddr, isCertified: hash(multiaddr.toString()) % 3 === 0 })) }
      }
    },
    peerRouting: {
      findPeer: async (id: PeerId, options?: object) => {
        const answer = await find(id, options)

        return Array.isArray(answer) ? { id, multiaddrs: addressesOf(seed, id, 'routing') } : answer
      }
    },
    transportManager: {
      getAddrs: () => [],
      dialTransportForMultiaddr: (address: Multiaddr) => transportOf(seed, isPicky, address),
      dial: network.dial.bind(network)
    },
    addressBook: random.chance(0.3) ? { query: (peer: PeerId) => addressesOf(seed, peer, 'book').map(multiaddr => ({ multiaddr, isCertified: true, provenance: [{ source: 'identify' }] })) } : undefined,
    convergence: preferenceOf(seed),
    dns: { query: clumsily(random, clock, name => ({ Answer: [{ type: 1, data: `192.0.2.${hash(name) % 14 + 1}` }] })) },
    settings: {
      resolvers: {
        dnsaddr: {
          canResolve: (address: Multiaddr) => address.toString().startsWith('/dnsaddr'),
          resolve: clumsily(random, clock, name => Array.from({ length: hash(name) % 4 }, (_, i) => randomAddress(new Random(hash(`${seed} ${name} ${i}`)))))
        }
      },
      addressDialTimeout: random.pick([6_000, 2_000]),
      maxPeerAddrsToDial: 25
    }
  }

  return {
    components: Object.assign(components, clumsy as unknown as DialComponents),
    mend: () => {
      Object.assign(components, { connectionGater: sane.gater })
      Object.assign(components.peerStore, { merge: sane.merge })
      Object.assign(components.transportManager, { dialTransportForMultiaddr: sane.transport })
    }
  }
}
