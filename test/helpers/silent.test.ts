import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'ava'
import { createNode } from './node.ts'
import { silent } from './silent.ts'
import { until } from './until.ts'

test('a silent listener accepts and counts connections, and sends nothing', async t => {
  const listener = await silent()
  t.teardown(listener.close)

  const socket = connect(listener.port, '127.0.0.1')
  socket.on('data', () => { t.fail('it answered') })
  await once(socket, 'connect')
  socket.write('hello')

  t.is(await until(() => listener.accepted, accepted => accepted === 1), 1)
  t.is(listener.open, 1)

  socket.destroy()

  t.is(await until(() => listener.open, open => open === 0), 0)
  t.is(listener.accepted, 1)
})

test('close() of a silent listener closes its connections', async t => {
  const listener = await silent()
  const socket = connect(listener.port, '127.0.0.1')
  const closed = once(socket, 'close')
  await until(() => listener.accepted, accepted => accepted === 1)

  await listener.close()
  await closed

  t.is(listener.open, 0)
})

test('a dial of a silent listener hangs in its handshake until it is aborted', async t => {
  const listener = await silent()
  t.teardown(listener.close)
  const node = await createNode()
  t.teardown(async () => { await node.stop() })

  const giveUp = new AbortController()
  const dial = node.dial(listener.multiaddr, { signal: giveUp.signal })
  await until(() => listener.accepted, accepted => accepted === 1)
  giveUp.abort()

  await t.throwsAsync(dial, { name: 'AbortError' })
  t.is(await until(() => listener.open, open => open === 0), 0)
})
