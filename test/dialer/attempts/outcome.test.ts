import { UnexpectedPeerError } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { readPeerId } from '../../../src/address/peer-id.ts'
import { recordFailed } from '../../../src/dialer/attempts/outcome.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { silentLogger } from '../../../src/testing/silent-logger.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialComponents } from '../../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

const peer = await newPeer()
const digest = new TextEncoder().encode('https://a.example/')
const url = peerIdFromMultihash({ code: 0, size: digest.length, digest, bytes: Uint8Array.from([0, digest.length, ...digest]) })

/** Returns the peers for which the peer store and the address book get a failed attempt */
function toldOf (peerId: PeerId): string[] {
  const calls: string[] = []
  const failed = candidate(multiaddr('/ip4/203.0.113.1/tcp/1'), peerId)
  const components = {
    clock: new VirtualClock(0),
    history: {},
    peerStore: { merge: async (peer: PeerId) => { calls.push(`store ${peer}`) } },
    addressBook: { invalidate: (peer: PeerId) => { calls.push(`book ${peer}`) } }
  } as unknown as DialComponents
  const host = { components, log: silentLogger.forComponent('test'), observer: () => undefined }
  recordFailed({ candidate: failed, host, participants: { startedAt: 0 }, dials: [], isRecorded: false }, new UnexpectedPeerError())

  return calls.toSorted()
}

test('readPeerId() reads a peer id as base58 or CID, and returns undefined for other text', t => {
  t.true(readPeerId(peer.toString())?.equals(peer))
  t.true(readPeerId(peer.toCID().toString())?.equals(peer))
  t.deepEqual([url.toString(), '', 'nonsense', '1'].map(readPeerId), [undefined, undefined, undefined, undefined])
})

test('a failed attempt to a peer whose id is made of a URL is not recorded and does not throw', t => {
  t.deepEqual(toldOf(peer), [`book ${peer}`, `store ${peer}`])
  t.deepEqual(toldOf(url), [])
})
