// Measures the cost of proofs: the second dial of a peer with certifiedOnly(), relative to the same pipeline without certified() in the same
// round. The nodes and peer stores are real, and the transport answers immediately. The first dial of a peer verifies its record.
// `node --expose-gc bench/certified.ts [rounds]` exits with 1 if the claim is not met
import { setImmediate as nextTurn } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { renderTable } from '../test/support/render-table.ts'
import { certifiedOnly } from '../presets/index.ts'
import { sealRecord } from '../src/records/seal-record.ts'
import { machine } from './machine.ts'
import { noOpNode } from './no-op-node.ts'
import { summarise } from './statistics.ts'
import type { NoOpNode } from './no-op-node.ts'
import type { PeerData, PeerId } from '@libp2p/interface'

/** The maximum time of a second dial, as a multiple of a dial without proofs */
const LIMIT = 1.1
const WARM_UP = 100
const DIALS_A_ROUND = 10
const ADDRESSES = 8

const [rounds = 300] = process.argv.slice(2).map(Number)
const pipelines = { 'certifiedOnly()': certifiedOnly(), 'without certified()': certifiedOnly().without('certified') }
const nodes = await Promise.all(Object.values(pipelines).map(async pipeline => noOpNode(pipeline, { storesPeers: true })))
const times = { first: nodes.map((): number[] => []), second: nodes.map((): number[] => []) }

for (let round = 0; round < WARM_UP + rounds; round++) {
  const peers = await Promise.all(Array.from({ length: DIALS_A_ROUND }, async (_, i) => signedPeer(round * DIALS_A_ROUND + i)))

  if (round === WARM_UP) {
    globalThis.gc?.()
  }

  for (const which of ['first', 'second'] as const) {
    for (let i = 0; i < nodes.length; i++) {
      const place = (i + round) % nodes.length
      const node = nodes[place] as NoOpNode

      if (which === 'first') {
        await Promise.all(peers.map(async ([peer, data]) => node.peerStore.patch(peer, data)))
      }

      const time = await microsecondsADial(node, peers.map(([peer]) => peer))

      if (round >= WARM_UP) {
        times[which][place]?.push(time)
      }
    }
  }
}

await Promise.all(nodes.map(async node => node.stop()))

const ratios = Object.entries(times).map(([which, [certified = [], others = []]]) => [which, summarise(certified.map((time, i) => time / (others[i] ?? NaN)))] as const)
const rows = Object.entries(times).flatMap(([which, all]) => Object.keys(pipelines).map((name, place) => [`${which} dial of a peer`, name, summarise(all[place] ?? []).median.toFixed(0)]))

console.log(`${machine()}\n`)
console.log(renderTable(['', 'pipeline', 'median µs'], rows))
console.log(renderTable(['', 'times without certified()', 'quartiles'], ratios.map(([which, { median, quartiles }]) => [`${which} dial of a peer`, median.toFixed(2), quartiles.map(one => one.toFixed(2)).join('–')])))

const ratio = new Map(ratios).get('second')?.median ?? NaN
const isMet = ratio <= LIMIT
console.log(`${isMet ? 'met    ' : 'NOT MET'}  the second dial of a peer with certifiedOnly(): at most ${LIMIT} × the same without certified() (measured: ${ratio.toFixed(2)} ×)`)
process.exitCode = isMet ? 0 : 1

async function microsecondsADial (node: NoOpNode, peers: readonly PeerId[]): Promise<number> {
  await nextTurn()
  const begun = performance.now()

  for (const peer of peers) {
    await node.dial(peer)
  }

  return (performance.now() - begun) / peers.length * 1_000
}

/** Returns a peer whose addresses are all signed, with the data that identify stores */
async function signedPeer (n: number): Promise<[PeerId, PeerData]> {
  const key = await generateKeyPair('Ed25519')
  const multiaddrs = Array.from({ length: ADDRESSES }, (_, i) => multiaddr(`/ip4/8.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}/tcp/${4_001 + i}`))

  return [peerIdFromPrivateKey(key), {
    addresses: multiaddrs.map(multiaddr => ({ multiaddr, isCertified: true })),
    peerRecordEnvelope: await sealRecord(key, { multiaddrs })
  }]
}
