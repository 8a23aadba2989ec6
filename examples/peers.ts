import { generateKeyPair } from '@libp2p/crypto/keys'
import { TCP, WebSockets } from '@multiformats/multiaddr-matcher'
import { blackholes } from '../test/helpers/blackhole.ts'
import { createNode } from '../test/helpers/node.ts'
import { refused } from '../test/helpers/refused.ts'
import { signedRecord } from './signed-record.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a node knows of a peer, and what it dials */
export interface Scenario {
  name: string
  about: string
  peerId: PeerId
  /** What the caller passes */
  target: PeerId | Multiaddr[]
  /** Signed by the peer, and in the peer store of whoever dials */
  signed?: Uint8Array
  /** In the peer store, signed by nobody */
  unsigned?: Multiaddr[]
  /** What each address is, in a word */
  words: ReadonlyArray<readonly [Multiaddr, string]>
}

export interface Peers {
  scenarios: [Scenario, ...Scenario[]]
  stop (): Promise<void>
}

/** Nodes to dial, and what else stands at the addresses that they are said to have */
export async function startPeers (): Promise<Peers> {
  const keys = await Promise.all(Array.from({ length: 3 }, async () => generateKeyPair('Ed25519')))
  const [plain, signing, browserLike] = await Promise.all(keys.map(async (privateKey, i) => {
    // the last has nothing but a WebSocket
    return createNode({ privateKey, ...(i === 2 ? { listen: ['/ip4/127.0.0.1/tcp/0/ws'] } : {}) })
  })) as [Libp2p, Libp2p, Libp2p]

  const nothing = (await refused()).multiaddr
  const silence = await blackholes(2)
  const [hole1, hole2] = silence.multiaddrs as [Multiaddr, Multiaddr]
  const record = await signedRecord(keys[1] as Parameters<typeof signedRecord>[0], [bare(addressOf(signing, TCP))])

  const passed = (peer: Libp2p, good: Multiaddr, bad: Multiaddr[]): Pick<Scenario, 'peerId' | 'target' | 'words'> => ({
    peerId: peer.peerId,
    target: [...bad.map(address => address.encapsulate(`/p2p/${peer.peerId}`)), good],
    words: [[good, 'good'], [nothing, 'refused'], [hole1, 'blackhole'], [hole2, 'blackhole']]
  })

  const good = addressOf(plain, TCP)

  return {
    scenarios: [
      {
        name: 'good',
        about: 'The caller passes one address, and it works. Nothing of this peer is signed: certifiedOnly() has nothing to dial.',
        ...passed(plain, good, [])
      },
      {
        name: 'refused, good',
        about: 'Nobody listens at the first address that the caller passes.',
        ...passed(plain, good, [nothing])
      },
      {
        name: 'blackhole, good',
        about: 'The first address answers nothing at all, not even no.',
        ...passed(plain, good, [hole1])
      },
      {
        name: 'blackhole, blackhole, good',
        about: 'The first two addresses answer nothing. Each costs a sequential dialer 6 seconds of the 10 that a dial may take.',
        ...passed(plain, good, [hole1, hole2])
      },
      {
        name: 'blackhole, signed good',
        about: 'The caller passes both again, and the peer store holds a record of the second that the peer signed.',
        ...passed(signing, addressOf(signing, TCP), [hole1]),
        signed: record
      },
      {
        name: 'by peer id: the same',
        about: 'Now the caller passes the peer id, and both addresses come from the peer store: the signed one is preferred.',
        ...passed(signing, addressOf(signing, TCP), []),
        target: signing.peerId,
        signed: record,
        unsigned: [hole1]
      },
      {
        name: 'WebSocket only',
        about: 'The only address is that of a WebSocket; the peer signed it.',
        ...passed(browserLike, addressOf(browserLike, WebSockets), []),
        signed: await signedRecord(keys[2] as Parameters<typeof signedRecord>[0], [bare(addressOf(browserLike, WebSockets))])
      }
    ],
    stop: async () => {
      await Promise.all([plain.stop(), signing.stop(), browserLike.stop(), silence.close()])
    }
  }
}

function addressOf (peer: Libp2p, kind: typeof TCP): Multiaddr {
  const found = peer.getMultiaddrs().find(address => kind.matches(address))

  if (found == null) {
    throw new Error(`the peer listens at ${peer.getMultiaddrs().join(', ')} only`)
  }

  return found
}

/** Records hold addresses without the peer id */
function bare (address: Multiaddr): Multiaddr {
  return address.decapsulateCode(421)
}
