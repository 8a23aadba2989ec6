import test from 'ava'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { staggered } from '../../presets/index.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { dialling, listening, randomPeer } from './kit.ts'
const dhtServices = () => ({
  identify: identify(),
  ping: ping(),
  dht: kadDHT({ protocol: '/test/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper })
})
test('x', async t => {
  const [node, middle, remote] = await Promise.all([
    dialling(t, staggered(), { services: dhtServices() }),
    listening(t, { services: dhtServices() }),
    listening(t, { services: dhtServices() })
  ])
  const t0 = Date.now()
  const size = (n: any) => n.services.dht.routingTable.size
  await node.dial(middle.getMultiaddrs())
  while (size(node) !== 1 && Date.now() - t0 < 5000) await sleep(5)
  t.log(Date.now() - t0, size(node), size(middle))
  await t.throwsAsync(node.peerRouting.findPeer(await randomPeer()), { name: 'NotFoundError' })
  t.log(Date.now() - t0, size(node), size(middle))
  await remote.dial(middle.getMultiaddrs())
  for (let i = 0; i < 15; i++) { await sleep(1000);
  t.log(Date.now() - t0, size(node), size(middle), size(remote)) }
  t.pass()
})
