import { sealRecord } from '../../src/address-book/index.ts'
import { blackholes } from '../../test/helpers/blackhole.ts'
import { refused } from '../../test/helpers/refused.ts'
import { startPeer } from './peer.ts'
import type { Word } from './draw.ts'
import type { Peer } from './peer.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The addresses that a node knows of a peer, and that it dials */
export interface Scenario {
  name: string
  about: string
  peerId: PeerId
  /** Addresses that the caller passes */
  target: readonly Multiaddr[]
  /** Signed record of the peer in the dialling node's peer store */
  signed?: Uint8Array
  /** A word that describes each address */
  words: readonly Word[]
}

export interface Scenarios {
  good: Scenario
  /** Scenarios with bad addresses */
  obstructed: readonly Scenario[]
  /** Scenario of a peer that signed its own address */
  signed: Scenario
  stop (): Promise<void>
}

const TCP = '/ip4/127.0.0.1/tcp/0'

/** Starts the peers, and listeners at their bad addresses */
export async function startScenarios (): Promise<Scenarios> {
  const [peer, signing] = await Promise.all([startPeer(TCP), startPeer(TCP)])
  const { multiaddr: closed } = await refused()
  const silence = await blackholes(2)
  const [hole1, hole2] = silence.multiaddrs as [Multiaddr, Multiaddr]

  const passed = ({ node: { peerId }, address }: Peer, ...before: Array<readonly [Multiaddr, string]>): Pick<Scenario, 'peerId' | 'target' | 'words'> => {
    const all = [...before.map(([bad, word]) => [bad.encapsulate(`/p2p/${peerId}`), word] as const), [address, 'good'] as const]

    return { peerId, target: all.map(([one]) => one), words: all.map(([one, word]) => [one.toString(), word]) }
  }

  return {
    good: { name: 'good', about: 'One address, and it works.', ...passed(peer) },
    obstructed: [
      { name: 'refused, good', about: 'Nobody listens at the first address.', ...passed(peer, [closed, 'refused']) },
      { name: 'blackhole, good', about: 'The first address answers nothing at all, not even no.', ...passed(peer, [hole1, 'blackhole']) },
      {
        name: 'blackhole, blackhole, good',
        about: 'Two such addresses. One after the other, each costs 6 of the 10 seconds that a dial may take.',
        ...passed(peer, [hole1, 'blackhole'], [hole2, 'blackhole'])
      }
    ],
    signed: {
      name: 'blackhole, signed good',
      about: 'The peer has signed its good address. certifiedOnly() dials nothing else.',
      ...passed(signing, [hole1, 'blackhole']),
      signed: await sealRecord(signing.privateKey, { multiaddrs: [signing.address] })
    },
    stop: async () => {
      await Promise.all([peer.node.stop(), signing.node.stop(), silence.close()])
    }
  }
}
