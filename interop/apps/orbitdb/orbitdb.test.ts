import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import { gossipsub } from '@libp2p/gossipsub'
import { createOrbitDB, IPFSAccessController } from '@orbitdb/core'
import { compare } from '../compare.ts'
import { privateNode } from '../private-node.ts'
import { startHelia } from '../start-helia.ts'
import { patience, waitUntil } from '../wait.ts'
import type { UseDialer } from '../dialers.ts'
import type { Libp2p } from '@libp2p/interface'
import type { KeyValue, OrbitDB } from '@orbitdb/core'
import type { ExecutionContext } from 'ava'

const BEFORE = ['first', 'second']

compare('OrbitDB replicates a database', async (t, useDialer, attempt) => {
  const [a, b] = await Promise.all([startPeer(t, useDialer), startPeer(t, useDialer)])
  const mine = await a.orbitdb.open('shared', { type: 'keyvalue', AccessController: IPFSAccessController({ write: ['*'] }) })

  for (const key of BEFORE) {
    await mine.put(key, 'put before the peers connect')
  }

  await b.libp2p.dial(a.libp2p.getMultiaddrs(), { signal: patience() })
  const theirs = await b.orbitdb.open(mine.address)

  for (const key of BEFORE) {
    await attempt(key, async () => waitForValue(theirs, key, 'put before the peers connect'))
  }

  for (const [key, from, to] of [['there', mine, theirs], ['back', theirs, mine]] as const) {
    await attempt(key, async () => {
      await from.put(key, 'put while they are connected')
      await waitForValue(to, key, 'put while they are connected')
    })
  }
})

async function waitForValue (db: KeyValue, key: string, value: string): Promise<void> {
  await waitUntil(async () => await db.get(key) === value, `"${key}" is not replicated`)
}

async function startPeer (t: ExecutionContext, useDialer: UseDialer): Promise<{ orbitdb: OrbitDB, libp2p: Libp2p }> {
  const directory = await mkdtemp(join(tmpdir(), 'orbitdb-'))
  t.teardown(async () => rm(directory, { recursive: true }))

  const { services, ...options } = privateNode()
  const ipfs = await startHelia(t, useDialer, {
    ...options,
    services: { ...services, pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) }
  }, { codecs: [dagCbor] })

  const orbitdb = await createOrbitDB({ ipfs, directory })
  t.teardown(async () => orbitdb.stop())

  return { orbitdb, libp2p: ipfs.libp2p }
}
