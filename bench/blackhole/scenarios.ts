import { multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '../../src/index.ts'
import { blackholes } from '../../test/helpers/blackhole.ts'
import { delayed } from '../../test/helpers/delayed.ts'
import { refused } from '../../test/helpers/refused.ts'
import { remotePeer } from '../remote-peer.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface Scenario {
  readonly name: string
  readonly addresses: readonly Multiaddr[]
  /** Whether one of the dialers takes seconds for a dial */
  readonly isSlow: boolean
}

export interface Scenarios {
  readonly all: readonly Scenario[]
  close (): Promise<void>
}

export const ONE_HOLE = 'blackhole, good'
export const TWO_HOLES = 'blackhole, blackhole, good'
export const FAR = 'far'

/** The one-way delay to the remote peer, in milliseconds */
const DISTANCE = 150

/** Starts a peer on the loopback interface, and returns scenarios whose other addresses refuse, stay silent or are far away */
export async function startScenarios (): Promise<Scenarios> {
  const peer = await remotePeer()
  const silence = await blackholes(2)
  const { multiaddr: closed } = await refused()
  const { tcp, p2p } = Object.fromEntries(peer.multiaddr.getComponents().map(({ name, value }) => [name, value]))
  const far = await delayed(Number(tcp), DISTANCE, systemClock)
  const withPeer = (address: Multiaddr): Multiaddr => address.encapsulate(`/p2p/${p2p}`)
  const [hole1, hole2] = silence.multiaddrs.map(withPeer) as [Multiaddr, Multiaddr]

  return {
    all: [
      { name: 'good', addresses: [peer.multiaddr], isSlow: false },
      { name: 'refused, good', addresses: [withPeer(closed), peer.multiaddr], isSlow: false },
      { name: ONE_HOLE, addresses: [hole1, peer.multiaddr], isSlow: true },
      { name: TWO_HOLES, addresses: [hole1, hole2, peer.multiaddr], isSlow: true },
      { name: FAR, addresses: [withPeer(multiaddr(`/ip4/127.0.0.1/tcp/${far.port}`))], isSlow: true }
    ],
    close: async () => {
      await Promise.all([peer.close(), silence.close(), far.close()])
    }
  }
}
