// A node like that of an Ethereum beacon client, which dials addresses from signed discovery records. Guide: docs/guides/lodestar.md
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { quicFirst } from 'libp2p-dial-pipeline/presets'
import { attemptTimeout, candidate, race, source } from 'libp2p-dial-pipeline/stages'

/** Like an ENR: the content is signed with the key of the peer id */
interface SignedEnr { readonly content: Uint8Array, readonly signature: Uint8Array }
interface Endpoints { readonly seq: number, readonly ip: string, readonly tcp: number, readonly quic: number }

/** Records from discovery, by peer id */
const records = new Map<string, SignedEnr>()

/** Adds the addresses of a peer's record, if the peer has signed it */
const fromEnr = source('from-enr', async ({ target: { peerId } }) => {
  const record = records.get(String(peerId))

  if (record == null || await peerId?.publicKey?.verify(record.content, record.signature) !== true) {
    return []
  }

  const { seq, ip, tcp, quic } = JSON.parse(new TextDecoder().decode(record.content)) as Endpoints

  return [`/ip4/${ip}/udp/${quic}/quic-v1`, `/ip4/${ip}/tcp/${tcp}`].map(address =>
    candidate(multiaddr(address), peerId, { isCertified: true, provenance: [{ source: 'certified', seq: BigInt(seq) }] }))
})

const beaconDials = quicFirst()
  .replace('from-known', fromEnr)
  .without('from-routing')
  .replace('race', race({ attempt: [attemptTimeout(3_000)] }))

const options = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  // a beacon node has quic() of @chainsafe/libp2p-quic here, too
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { maxConnections: 110, maxParallelDials: 99, dialTimeout: 30_000 }
}
const services = () => ({ identify: identify({ runOnConnectionOpen: false }), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) })
const privateKey = await generateKeyPair('secp256k1')
const [node, remote] = await Promise.all([
  createLibp2p({ ...options, services: { ...services(), dialer: dialer(beaconDials) } }),
  createLibp2p({ ...options, privateKey, services: services() })
])

const port = Number(remote.getMultiaddrs()[0]?.getComponents().find(({ name }) => name === 'tcp')?.value)
const content = new TextEncoder().encode(JSON.stringify({ seq: 1, ip: '127.0.0.1', tcp: port, quic: port } satisfies Endpoints))
records.set(String(remote.peerId), { content, signature: await privateKey.sign(content) })

await node.dial(remote.peerId, { provenance: ['certified'] })

for (const { transport, attempts: [attempt], verdicts } of node.services.dialer.traces().at(-1)?.candidates ?? []) {
  console.log(transport, attempt?.outcome ?? verdicts.map(({ stage }) => `dropped by ${stage}`).join())
}

await Promise.all([node.stop(), remote.stop()])
