import test from 'ava'
import { staggered, stock } from '../../presets/index.ts'
import { until } from '../helpers/open-handles.ts'
import { refused } from '../helpers/refused.ts'
import { addressesOf, attempted, dialling, leadsTo, listening } from './kit.ts'
import type { DialPipeline } from '../../src/index.ts'

const PRESETS: ReadonlyArray<[string, () => DialPipeline]> = [['stock', stock], ['staggered', staggered]]

for (const [name, preset] of PRESETS) {
  test(`${name}: dial() connects to a multiaddr`, async t => {
    const [node, remote] = await Promise.all([dialling(t, preset()), listening(t)])
    const [address] = addressesOf(remote)

    const connection = await node.dial(address)

    leadsTo(t, connection, remote)
    t.is(connection.remoteAddr.toString(), address.toString())
    t.deepEqual(node.getConnections(), [connection])
  })

  test(`${name}: dial() connects to a multiaddr without a peer id`, async t => {
    const [node, remote] = await Promise.all([dialling(t, preset()), listening(t)])

    leadsTo(t, await node.dial(addressesOf(remote)[0].decapsulate('/p2p')), remote)
  })

  test(`${name}: dial() connects to one of several multiaddrs`, async t => {
    const [node, remote, bad] = await Promise.all([dialling(t, preset()), listening(t), refused()])
    const [good] = addressesOf(remote, 'ws')
    const list = [bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), good]

    const connection = await node.dial(list)

    leadsTo(t, connection, remote)
    t.is(connection.remoteAddr.toString(), good.toString())
    t.deepEqual(node.services.dialer.traces(remote.peerId).map(attempted), [[
      [`${list[0]}`, 'failed'],
      [`${good}`, 'connected']
    ]])
  })

  test(`${name}: dial() connects to a peer id with stored addresses`, async t => {
    const [node, remote] = await Promise.all([dialling(t, preset()), listening(t)])
    await node.peerStore.merge(remote.peerId, { multiaddrs: remote.getMultiaddrs() })

    leadsTo(t, await node.dial(remote.peerId), remote)
  })

  test(`${name}: dialProtocol() opens a stream`, async t => {
    const [node, remote] = await Promise.all([dialling(t, preset()), listening(t)])
    const handled = new Promise<string>(resolve => {
      void remote.handle('/test/1.0.0', (stream, connection) => {
        resolve(`${stream.protocol} ${connection.remotePeer}`)
        void stream.close()
      })
    })

    const stream = await node.dialProtocol(remote.getMultiaddrs(), ['/test/2.0.0', '/test/1.0.0'])

    t.is(stream.protocol, '/test/1.0.0')
    t.is(await handled, `/test/1.0.0 ${node.peerId}`)
    t.is(node.services.dialer.traces(remote.peerId).length, 1)
  })
}

test('an open connection answers a dial, and force makes another', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const first = await node.dial(addressesOf(remote))

  t.is(await node.dial(remote.peerId), first)
  t.is(await node.dial(addressesOf(remote, 'ws')), first)
  t.is(node.services.dialer.traces().length, 1)

  const second = await node.dial(addressesOf(remote, 'ws'), { force: true })

  leadsTo(t, second, remote)
  t.not(second, first)
  t.is(first.status, 'open')
  t.is(node.getConnections(remote.peerId).length, 2)
})

test('concurrent dials of one peer share a dial, an attempt and a connection', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const [address] = addressesOf(remote)

  const connections = await Promise.all(Array.from({ length: 10 }, async () => node.dial(address)))

  t.is(new Set(connections).size, 1)
  t.deepEqual(node.services.dialer.traces().map(attempted), [[[`${address}`, 'connected']]])
  t.is(await until(() => remote.getConnections().length, count => count === 1), 1)
})

test('a dial with force shares a running dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])

  const [a, b] = await Promise.all([node.dial(addressesOf(remote)), node.dial(addressesOf(remote), { force: true })])

  t.is(a, b)
  t.is(node.getConnections(remote.peerId).length, 1)
})

test('concurrent dials of one address without a peer id share a dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const address = addressesOf(remote)[0].decapsulate('/p2p')

  const connections = await Promise.all(Array.from({ length: 10 }, async () => node.dial(address)))

  t.is(new Set(connections).size, 1)
  t.is(node.getConnections().length, 1)
  t.is(await until(() => remote.getConnections().length, count => count === 1), 1)
})

test('eight peers are dialled concurrently', async t => {
  const node = await dialling(t, staggered())
  const remotes = await Promise.all(Array.from({ length: 8 }, async () => listening(t)))

  const connections = await Promise.all(remotes.map(async remote => node.dial(remote.getMultiaddrs())))

  connections.forEach((connection, i) => { leadsTo(t, connection, remotes[i] as typeof node) })
  t.is(node.getConnections().length, remotes.length)
})
