import { blackholes } from '../test/helpers/blackhole.ts'
import { refused } from '../test/helpers/refused.ts'
import { startPeer } from './peer.ts'
import { signedRecord } from './signed-record.ts'
import type { Peer } from './peer.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a node knows of a peer, and what it dials */
export interface Scenario {
  name: string
  about: string
  peerId: PeerId
  /** What the caller passes */
  target: PeerId | Multiaddr[]
  /** In the peer store of whoever dials: a record that the peer signed */
  signed?: Uint8Array
  /** Also in the peer store, signed by nobody */
  unsigned?: Multiaddr[]
  /** What each address is, in a word */
  words: ReadonlyArray<readonly [Multiaddr, string]>
}

export interface Scenarios {
  all: readonly Scenario[]
  /** Two of them that every dialer is quick with */
  tcp: Scenario
  webSocket: Scenario
  stop (): Promise<void>
}

const TCP = '/ip4/127.0.0.1/tcp/0'
const WEBSOCKET = '/ip4/127.0.0.1/tcp/0/ws'

/** Starts peers, and what else stands at the addresses that they are said to have */
export async function startScenarios (): Promise<Scenarios> {
  const [plain, signing, webSocketOnly] = await Promise.all([startPeer(TCP, WEBSOCKET), startPeer(TCP, WEBSOCKET), startPeer(WEBSOCKET)])
  const { multiaddr: closed } = await refused()
  const silence = await blackholes(2)
  const [hole1, hole2] = silence.multiaddrs as [Multiaddr, Multiaddr]

  const passed = ({ node: { peerId }, address }: Peer, ...before: Multiaddr[]): Pick<Scenario, 'peerId' | 'target' | 'words'> => ({
    peerId,
    target: [...before.map(bad => bad.encapsulate(`/p2p/${peerId}`)), address],
    words: [[address, 'good'], [closed, 'refused'], [hole1, 'blackhole'], [hole2, 'blackhole']]
  })

  const tcp: Scenario = {
    name: 'good',
    about: 'The caller passes one address, and it works. Nothing of this peer is signed: certifiedOnly() has nothing to dial.',
    ...passed(plain)
  }

  const webSocket: Scenario = {
    name: 'WebSocket only',
    about: 'The one address is that of a WebSocket. The peer signed it.',
    ...passed(webSocketOnly),
    signed: await signedRecord(webSocketOnly)
  }

  return {
    tcp,
    webSocket,
    all: [
      tcp,
      {
        name: 'refused, good',
        about: 'Nobody listens at the first address that the caller passes.',
        ...passed(plain, closed)
      },
      {
        name: 'blackhole, good',
        about: 'The first address answers nothing at all, not even no.',
        ...passed(plain, hole1)
      },
      {
        name: 'blackhole, blackhole, good',
        about: 'Two such. One after the other, each costs 6 of the 10 seconds that a dial may take.',
        ...passed(plain, hole1, hole2)
      },
      {
        name: 'blackhole, signed good',
        about: 'The caller passes both, and the peer store holds a record of the second that the peer signed.',
        ...passed(signing, hole1),
        signed: await signedRecord(signing)
      },
      {
        name: 'the same, by peer id',
        about: 'The caller passes the peer id. Both addresses are in the peer store, and the signed one is preferred.',
        ...passed(signing),
        target: signing.node.peerId,
        signed: await signedRecord(signing),
        unsigned: [hole1]
      },
      webSocket
    ],
    stop: async () => {
      await Promise.all([plain.node.stop(), signing.node.stop(), webSocketOnly.node.stop(), silence.close()])
    }
  }
}
