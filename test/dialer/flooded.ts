import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromAddressBook } from '../../src/stages/from-address-book.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { SlotsInit } from '../../src/dialer/attempts/slots.ts'
import type { KnownAddress } from '../../src/pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const whole = pipeline(fromRouting({ when: 'always' }), fromAddressBook(), fromCaller(), race())

/** Returns the nth address at the victim's host */
export function at (n: number): Multiaddr {
  return multiaddr(`/ip4/5.6.7.${n % 254 + 1}/tcp/${4_000 + n}`)
}

/** Returns an address that the peer has signed, as in an address book */
export function signed (multiaddr: Multiaddr): KnownAddress {
  return { multiaddr, isCertified: true, provenance: [{ source: 'certified' }] }
}

/** Creates a node whose routers report any number of "peers", all at the host of one victim */
export function flooded ({ slots, booked = [], addresses = at }: { slots?: SlotsInit, booked?: KnownAddress[], addresses?: (n: number) => Multiaddr } = {}): EngineWorld & { flood (count: number): Promise<void> } {
  let asked = 0
  const made = engineWorld(whole, {}, {
    addressBook: { query: () => booked },
    routed: async () => [addresses(asked++)],
    slots: { node: 10_000, ...slots },
    settings: { maxParallelDials: 2_000, maxDialQueueLength: 2_000 }
  })

  return {
    ...made,
    flood: async count => {
      const peers = await Promise.all(Array.from({ length: count }, newPeer))
      peers.forEach(peer => { made.engine.dial(peer, patient()).catch(() => {}) })
      await made.clock.advance(0)
    }
  }
}

export const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** Returns the number of silent attempts in flight */
export function inFlight ({ network }: EngineWorld): number {
  return network.attempts.filter(({ signal, connection }) => !signal.aborted && connection == null).length
}

/** Returns the times at which attempts of the nth address at the victim's host began */
export function startsOf (n: number, { network }: EngineWorld): number[] {
  return network.attempts.filter(({ multiaddr }) => multiaddr.startsWith(`${at(n).toString()}/`)).map(one => one.at)
}

/** Looks once a second at the silent attempts in flight until no dial runs. Returns the largest number. Throws after 1,000 s */
export async function mostInFlight (node: EngineWorld): Promise<number> {
  let most = 0

  for (let second = 0; second < 1_000; second++) {
    if (node.engine.dials.running.size === 0) {
      return most
    }

    most = Math.max(most, inFlight(node))
    await node.clock.advance(1_000)
  }

  throw new Error(`${node.engine.dials.running.size} dials still run after 1,000 s`)
}
