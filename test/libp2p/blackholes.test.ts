import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { blackholes } from '../helpers/blackhole.ts'
import { PATIENCE } from '../helpers/until.ts'
import { addressesOf, attempted, dialling, leadsTo, listening } from './kit.ts'

for (const over of ['', '/ws']) {
  test(`a dial connects to an address behind 24 silent ones${over}`, async t => {
    const [node, remote, silence] = await Promise.all([dialling(t, staggered(), { connectionManager: { dialTimeout: PATIENCE } }), listening(t), blackholes(24)])
    t.teardown(silence.close)
    const [good] = addressesOf(remote, over === '' ? 'tcp' : 'ws')
    const silent = silence.multiaddrs.map(multiaddr => multiaddr.encapsulate(`${over}/p2p/${remote.peerId}`))

    leadsTo(t, await node.dial([...silent, good]), remote)

    const [trace] = node.services.dialer.traces(remote.peerId)
    const attempts = attempted(trace as NonNullable<typeof trace>)
    t.deepEqual(attempts.map(([id]) => id), [...silent, good].map(String))
    t.deepEqual(attempts.slice(0, 16).map(([, result]) => result), Array.from({ length: 16 }, () => 'failed'))
    t.deepEqual(attempts.at(-1), [`${good}`, 'connected'])
  })
}
