// connections that complete late or close early
import { yamux } from '@chainsafe/libp2p-yamux'
import { memory } from '@libp2p/memory'
import { staggered } from '../../presets/index.ts'
import { stagger } from '../../src/stages/index.ts'
import { addressesOf, Gate, leadsTo, listening } from '../libp2p/kit.ts'
import { address } from '../helpers/address.ts'
import { createMemoryNode } from '../helpers/node.ts'
import { PATIENCE, poll, until } from '../helpers/until.ts'
import { contract, LONG, rejection } from './contract.ts'
import { tap } from './tap.ts'
import type { Connection } from '@libp2p/interface'

contract('a connection that completes after an abort is closed (stock: stays open without an owner, a defect)', async (t, { node, either }) => {
  const gate = new Gate()
  // yamux keeps a timer, and thus the process, for 30 s after a connection that closes immediately
  const streamMuxers = [yamux({ enableKeepAlive: false })]
  const remote = await createMemoryNode({ streamMuxers })
  t.teardown(async () => { await remote.stop() })
  const dialler = await node({ transports: [memory()], streamMuxers, connectionGater: { denyOutboundUpgradedConnection: async () => gate.hold() } })
  const opened = new Promise<Connection>(resolve => { dialler.addEventListener('connection:open', ({ detail }) => { resolve(detail) }) })
  const controller = new AbortController()

  const dial = rejection(dialler.dial(remote.getMultiaddrs(), { signal: controller.signal }))
  await gate.arrival
  controller.abort()
  t.is((await dial).name, 'AbortError')
  gate.open()

  const { id } = await opened
  const closed = poll(() => dialler.getConnections(), ({ length }) => length === 0, either({ stock: 400, ours: PATIENCE }))
  t.deepEqual((await closed).map(one => one.id), either({ stock: [id], ours: [] }))
  t.is((await poll(() => remote.getConnections(), ({ length }) => length === 0, either({ stock: 100, ours: PATIENCE }))).length, either({ stock: 1, ours: 0 }))
})

contract('a connection that is aborted while its success is stored is closed (stock: stays open without an owner, a defect)', async (t, { node, either }) => {
  const gate = new Gate()
  // in memory, because a TCP connection would end with the signal of its socket
  const [dialler, remote] = await Promise.all([node({ transports: [memory()] }), createMemoryNode()])
  t.teardown(async () => { await remote.stop() })
  const merge = dialler.peerStore.merge.bind(dialler.peerStore)
  dialler.peerStore.merge = async (...args) => {
    await gate.pass()

    return merge(...args)
  }
  const controller = new AbortController()

  const dial = rejection(dialler.dial(remote.getMultiaddrs(), { signal: controller.signal }))
  await gate.arrival
  const [connection] = dialler.getConnections()
  controller.abort()
  t.is((await dial).name, 'AbortError')
  gate.open()

  const closed = poll(() => connection?.status, status => status !== 'open', either({ stock: LONG, ours: PATIENCE }))
  t.is(await closed === 'open', either({ stock: true, ours: false }))
})

contract('a late connection of a transport that ignores its signal is closed (stock: stays open without an owner, a defect)', async (t, { node, either }) => {
  const gate = new Gate()
  const remote = await listening(t)
  const wire = tap(async dial => gate.pass().then(async () => dial.connect(dial.multiaddr, new AbortController().signal)))
  const dialler = await node({ transports: [wire.transport] })
  const opened = new Promise<Connection>(resolve => { dialler.addEventListener('connection:open', ({ detail }) => { resolve(detail) }) })
  const controller = new AbortController()

  const dial = rejection(dialler.dial(addressesOf(remote), { signal: controller.signal }))
  await gate.arrival
  controller.abort()
  t.is((await dial).name, 'AbortError')
  gate.open()

  const { id } = await opened
  const closed = poll(() => dialler.getConnections(), ({ length }) => length === 0, either({ stock: LONG, ours: PATIENCE }))
  t.deepEqual((await closed).map(one => one.id), either({ stock: [id], ours: [] }))
})

contract('when a connection closes while it is opened, another address is dialled (stock: the dial fails, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const first = address(1, remote.peerId)
  const [good] = addressesOf(remote)
  const wire = tap(async dial => {
    const connection = await dial.connect(good)

    if (dial.multiaddr.equals(first)) {
      connection.abort(new Error('the remote has closed it'))
    }

    return connection
  })
  const dialler = await node({ transports: [wire.transport] })

  const result = await dialler.dial([first, good]).then(({ status }) => status, ({ name }) => name)

  t.is(result, either({ stock: 'ConnectionClosedError', ours: 'open' }))
  t.is(wire.dials.length, either({ stock: 1, ours: 2 }))
})

contract('when a local listener closes a new connection, another address is dialled (stock: the dial fails, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const [good] = addressesOf(remote)
  const wire = tap(async dial => dial.connect(good))
  // one address after the other: a slow machine would start the second before the first is closed
  const dialler = await node({ transports: [wire.transport], pipeline: staggered().replace('stagger', stagger(60_000)) })
  dialler.addEventListener('peer:connect', () => {
    if (wire.dials.length === 1) {
      // closes it while the dialer stores the success
      setImmediate(() => { dialler.getConnections().forEach(connection => { connection.abort(new Error('not this one')) }) })
    }
  })
  const merge = dialler.peerStore.merge.bind(dialler.peerStore)
  dialler.peerStore.merge = async (...args) => {
    await until(() => dialler.getConnections().length, count => count === 0, 5_000)

    return merge(...args)
  }

  const result = await dialler.dial([address(1, remote.peerId), good]).then(({ status }) => status, ({ name }) => name)

  t.is(result, either({ stock: 'ConnectionClosedError', ours: 'open' }))
})

contract('a caller that aborts the connection causes no error for another caller (stock: ConnectionClosedError, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const [good] = addressesOf(remote)
  const wire = tap(async dial => dial.connect(good))
  const dialler = await node({ transports: [wire.transport] })
  const given: Connection[] = []
  const onProgress = ({ type, detail }: any): void => {
    if (type === 'connection:opened' && given.push(detail) === 1) {
      detail.abort(new Error('not this one'))
    }
  }

  const results = [1, 2, 3].map(async () => dialler.dial([address(1, remote.peerId), good], { onProgress }).then(({ status }) => status, ({ name }) => name))

  t.deepEqual((await Promise.all<string>(results)).toSorted(), either({
    stock: ['ConnectionClosedError', 'ConnectionClosedError', 'aborted'],
    ours: ['aborted', 'open', 'open']
  }))
})

contract('the signal of the attempt that won is never aborted, and the loser\'s is', async (t, { node }) => {
  const remote = await listening(t)
  const wire = tap()
  const dialler = await node({ transports: [wire.transport] })
  const controller = new AbortController()

  const connection = await dialler.dial(addressesOf(remote), { signal: controller.signal })
  controller.abort()

  t.false(wire.dials[0]?.signal.aborted)
  await t.throwsAsync(connection.newStream('/test/none/1.0.0'), { name: 'UnsupportedProtocolError' })
  leadsTo(t, connection, remote)
})
