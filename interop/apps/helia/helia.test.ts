import { equal } from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { unixfs } from '@helia/unixfs'
import { compare } from '../compare.ts'
import { forget, privateNode, waitForDhtPeers } from '../private-node.ts'
import { startHelia } from '../start-helia.ts'
import { patience } from '../wait.ts'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { CID } from 'multiformats/cid'

const TEXT = 'only the provider has this file'

compare('Helia reads what only the DHT finds', async (t, useDialer, attempt) => {
  const [provider, server, reader] = await Promise.all([
    startHelia(t, useDialer, privateNode()),
    startHelia(t, useDialer, privateNode()),
    // the reader is a DHT client: the provider would dial a server, to announce its content
    startHelia(t, useDialer, privateNode({ clientMode: true }))
  ])
  const { file, directory } = await addFiles(provider)
  const files = unixfs(reader)

  await Promise.all([provider, reader].map(async ({ libp2p }) => libp2p.dial(server.libp2p.getMultiaddrs(), { signal: patience() })))
  await waitForDhtPeers(provider.libp2p, reader.libp2p)
  await Promise.all([file, directory].map(async cid => provider.routing.provide(cid, { signal: patience() })))

  await attempt('cat(file)', async () => {
    await forget(reader.libp2p, provider.libp2p)
    equal(await text(files.cat(file, { signal: patience() })), TEXT)
  })

  // bitswap and DHT queries are the only ones left to dial the provider, both with the option `path`
  await attempt('cat(directory, { path })', async () => {
    await forget(reader.libp2p, provider.libp2p)
    equal(await text(files.cat(directory, { path: 'dir/file.txt', signal: patience() })), TEXT)
  })
})

async function addFiles (helia: HeliaWithLibp2p<any>): Promise<{ file: CID, directory: CID }> {
  const files = unixfs(helia)
  const file = await files.addBytes(new TextEncoder().encode(TEXT))
  const inner = await files.cp(file, await files.addDirectory(), 'file.txt')
  const directory = await files.cp(inner, await files.addDirectory(), 'dir')

  return { file, directory }
}
