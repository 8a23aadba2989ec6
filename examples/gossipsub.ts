// Runs gossipsub on a node with a dial pipeline. Guide: docs/guides/gossipsub.md
import { once } from 'node:events'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { withProvenance } from 'libp2p-dial-pipeline/address-book'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import type { Message } from '@libp2p/gossipsub'
import type { AddrInfo } from '@libp2p/gossipsub/types'

const TOPIC = 'news'

const startNode = async (directPeers: AddrInfo[] = []) => createLibp2p(withProvenance({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: {
    identify: identify(),
    pubsub: gossipsub({ directPeers }),
    // no deadline: a cut gossipsub stream is not opened again
    dialer: dialer(adaptive())
  }
}))

const reader = await startNode()
// gossipsub dials direct peers itself, through the pipeline
const writer = await startNode([{ id: reader.peerId, addrs: reader.getMultiaddrs() }])

const subscribed = once(writer.services.pubsub, 'subscription-change')
const received = once(reader.services.pubsub, 'message') as Promise<[CustomEvent<Message>]>
reader.services.pubsub.subscribe(TOPIC)
await subscribed

await writer.services.pubsub.publish(TOPIC, new TextEncoder().encode('hello'))
const [{ detail }] = await received
console.log(new TextDecoder().decode(detail.data))

const [trace] = writer.services.dialer.traces(reader.peerId)
console.log(trace?.outcome, trace?.candidates.map(({ provenance }) => provenance.join()).join('; '))

await Promise.all([writer.stop(), reader.stop()])
