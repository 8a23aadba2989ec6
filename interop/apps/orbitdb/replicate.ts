// Two peers replicate an OrbitDB database through a dial pipeline. Guide: docs/guides/orbitdb.md
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import * as dagCbor from '@ipld/dag-cbor'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createOrbitDB, IPFSAccessController } from '@orbitdb/core'
import { createHeliaLight } from 'helia'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'

/** Starts a peer that keeps its databases in a new folder */
async function startPeer () {
  const ipfs = await withBitswap(withLibp2pLight(createHeliaLight({ codecs: [dagCbor] }), {
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }),
      // no deadline: OrbitDB needs its gossipsub streams
      dialer: dialer(adaptive())
    }
  })).start()
  const directory = await mkdtemp(join(tmpdir(), 'orbitdb-'))
  const orbitdb = await createOrbitDB({ ipfs, directory })

  return { orbitdb, libp2p: ipfs.libp2p, stop: async () => {
    await orbitdb.stop()
    await ipfs.stop()
    await rm(directory, { recursive: true })
  } }
}

const [a, b] = await Promise.all([startPeer(), startPeer()])
const mine = await a.orbitdb.open('shared', { type: 'keyvalue', AccessController: IPFSAccessController({ write: ['*'] }) })
await mine.put('greeting', 'hello')

await b.libp2p.dial(a.libp2p.getMultiaddrs())
const theirs = await b.orbitdb.open(mine.address)

for (let i = 0; i < 100 && await theirs.get('greeting') == null; i++) {
  await sleep(50)
}

console.log(await theirs.get('greeting'))
console.log(b.libp2p.services.dialer.traces(a.libp2p.peerId)[0]?.outcome)
await Promise.all([a.stop(), b.stop()])
