import { bootstrap } from '@libp2p/bootstrap'
import { compare } from '../compare.ts'
import { forget, privateNode, startNode, waitForDhtPeers } from '../private-node.ts'
import { patience } from '../wait.ts'
import type { UseDialer } from '../dialers.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const COUNT = 8

compare(`${COUNT} nodes of a LAN dial each other by peer id`, async (t, useDialer, attempt) => {
  const first = await startHost(t, useDialer, 0)
  const others = Array.from({ length: COUNT - 1 }, async (_, i) => startHost(t, useDialer, i + 1, first))
  const nodes = [first, ...await Promise.all(others)]
  const pairs = nodes
    .flatMap((from, i) => nodes.map((to, j) => ({ from, to, name: `${i} to ${j}` })))
    .filter(({ from, to }) => from !== to)

  await waitForDhtPeers(...nodes)

  for (const { from, to, name } of pairs) {
    await attempt(name, async () => from.dial(to.peerId, { signal: patience() }))
  }

  // dials again after forgetting: in the dials above there may be a connection already, or addresses that a look-up has stored
  for (const { from, to, name } of pairs) {
    await attempt(`${name}, forgotten`, async () => {
      await to.peerStore.delete(from.peerId)
      await forget(from, to)
      await from.dial(to.peerId, { signal: patience() })
    })
  }
})

/** Starts a node on its own IP address, with `known` as its only bootstrap peer */
async function startHost (t: ExecutionContext, useDialer: UseDialer, i: number, known?: Libp2p): Promise<Libp2p> {
  return startNode(t, useDialer, {
    ...privateNode(),
    addresses: { listen: [`/ip4/127.0.0.${i + 2}/tcp/0`] },
    peerDiscovery: known == null ? [] : [bootstrap({ list: known.getMultiaddrs().map(String) })]
  })
}
