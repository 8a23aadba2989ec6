// Dials signed addresses first, and all others when none of those has connected within a second. Guide: docs/guides/fall-back.md
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { certified, converge, dialable, fallback, fromCaller, fromKnown, gater, libp2pOrder, pipeline, provenance, race, resolve, stagger, timeout } from 'libp2p-dial-pipeline/stages'

/** The second race takes over the attempts that are in flight: no address is dialled twice */
const certifiedThenAny = pipeline(
  fromCaller(),
  fromKnown(),
  resolve(),
  provenance(),
  dialable(),
  gater(),
  libp2pOrder(),
  fallback(
    timeout(1_000, pipeline(certified(), stagger(250), race())),
    pipeline(stagger(250), race())
  ),
  converge()
)

const options = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
}
const [node, remote] = await Promise.all([
  createLibp2p({ ...options, services: { dialer: dialer(certifiedThenAny) } }),
  createLibp2p({ ...options })
])

const connection = await node.dial(remote.getMultiaddrs())
console.log(connection.status)

const [trace] = node.services.dialer.traces(remote.peerId)
console.log(trace?.pipeline.stages.join(' > '))

await Promise.all([node.stop(), remote.stop()])
