import { queryObjects } from 'node:v8'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { Facts } from '../../src/address/facts.ts'
import { nodeState } from '../../src/pipeline/runtime/make-stage.ts'
import { Judgements, OwnAddresses } from '../../src/pipeline/judgements.ts'
import { PEER, SELF } from '../../src/testing/compliance/samples.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { world } from '../helpers/scripted.ts'
import { cand } from '../testing/try-out.ts'
import type { DialComponents } from '../../src/pipeline/types.ts'

/** A node with listening addresses, which counts how often they are read */
function nodeOn (...addresses: string[]): Pick<DialComponents, 'transportManager'> & { clock: VirtualClock, asked: number, addresses: string[] } {
  const node = {
    clock: new VirtualClock(1_000_000),
    asked: 0,
    addresses,
    transportManager: {
      getAddrs: () => {
        node.asked++

        return node.addresses.map(address => multiaddr(address))
      }
    } as DialComponents['transportManager']
  }

  return node
}

function isOwnAddress (address: string, node: ReturnType<typeof nodeOn>): boolean {
  return nodeState(node, OwnAddresses).has(address, multiaddr(address).getComponents())
}

test('isOwnAddress() is true for the node\'s listening addresses, whatever peer id follows', t => {
  const node = nodeOn('/ip4/192.168.1.2/tcp/1', `/ip4/192.168.1.2/tcp/2/p2p/${SELF}`)

  for (const address of ['/ip4/192.168.1.2/tcp/1', `/ip4/192.168.1.2/tcp/1/p2p/${PEER}`, '/ip4/192.168.1.2/tcp/2', `/ip4/192.168.1.2/tcp/2/p2p/${PEER}`]) {
    t.true(isOwnAddress(address, node), address)
  }

  t.false(isOwnAddress('/ip4/192.168.1.2/tcp/3', node))
})

test('isOwnAddress() is false for a peer behind a relay that the node listens on', t => {
  const relayed = `/ip4/8.8.8.8/tcp/1/p2p/${SELF}/p2p-circuit`

  t.false(isOwnAddress(`${relayed}/p2p/${PEER}`, nodeOn(relayed)))
})

test('isOwnAddress() reads the node\'s addresses once a second', async t => {
  const node = nodeOn('/ip4/192.168.1.2/tcp/1')
  t.true(isOwnAddress('/ip4/192.168.1.2/tcp/1', node))
  node.addresses = ['/ip4/192.168.1.2/tcp/2']
  await node.clock.advance(999)
  t.false(isOwnAddress('/ip4/192.168.1.2/tcp/2', node))
  t.is(node.asked, 1)
  await node.clock.advance(1)
  t.true(isOwnAddress('/ip4/192.168.1.2/tcp/2', node))
  t.is(node.asked, 2)
})

// each run of a `retry()` without end makes its candidates anew
test('Judgements keeps at most 1,024 candidates', t => {
  const judgements = new Judgements(world().components, PEER)
  const judgeOnce = (): void => { t.is(judgements.whyNotDialable(cand(1)), undefined) }
  judgeOnce()
  const before = queryObjects(Facts)

  for (let run = 0; run < 1_100; run++) {
    judgeOnce()
  }

  t.true(Number(queryObjects(Facts)) - Number(before) <= 1_024)
})
