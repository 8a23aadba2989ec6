import test from 'ava'
import { FakeNode, RELAY, TCP } from './fakes.ts'
import type { FakeConnection } from './fakes.ts'

/** Milliseconds until a check without an answer ends */
const CHECK = 5_000

const hangs = async (): Promise<void> => new Promise(() => {})
const answers = async (): Promise<void> => {}

/** A node whose preferred connection does not answer. Another connection has just opened */
async function silentPreferred (): Promise<{ node: FakeNode, old: FakeConnection, other: FakeConnection }> {
  const node = new FakeNode({ idle: 0 })
  const old = await node.open()
  old.answer = hangs
  const other = await node.open()

  return { node, old, other }
}

test('new streams use a new connection when the preferred one does not answer', async t => {
  const { node, old, other } = await silentPreferred()
  await node.clock.advance(CHECK - 1)
  t.is(node.preferred(), old)
  await node.clock.advance(1)
  t.is(node.preferred(), other)
  t.deepEqual(node.changes.map(({ connection, previous }) => [connection, previous]), [[other.real, old.real]])
  await node.clock.advance(1_000_000)
  t.deepEqual([old.status, other.status], ['open', 'open'])
  t.is(node.changes.length, 1)

  old.gone()
  t.is(node.preferred(), other)
  t.is(node.clock.pending, 0)
})

test('a silent connection is checked again after 10, 20, 40, and then every 60 seconds', async t => {
  const { node, old } = await silentPreferred()
  await node.clock.advance(CHECK)
  const at: number[] = [node.clock.now()]
  old.answer = async () => {
    at.push(node.clock.now())
    await hangs()
  }
  await node.clock.advance(300_000)
  t.deepEqual(at.slice(1).map((time, i) => time - (at[i] ?? 0)), [10_000, 25_000, 45_000, 65_000, 65_000, 65_000])
  node.convergence.stop()
  await node.clock.advance(CHECK)
  t.is(node.clock.pending, 0)
})

test('a connection that answers again takes part again, and one connection is left', async t => {
  const { node, old, other } = await silentPreferred()
  await node.clock.advance(CHECK)
  old.answer = answers
  await node.clock.advance(20_000)
  t.is(node.preferred(), other)
  t.deepEqual(node.connections, [other])
  t.is(node.clock.pending, 0)
})

test('the preferred connection stays when no connection answers', async t => {
  const node = new FakeNode({ idle: 0 })
  const old = await node.open()
  const other = await node.open()
  old.answer = other.answer = hangs
  await node.clock.advance(600_000)
  t.is(node.preferred(), old)
  t.deepEqual(node.changes, [])
  t.is(node.connections.length, 2)
  node.convergence.stop()
})

test('a better connection that falls silent later loses new streams when another is to be closed for it', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)
  t.is(direct.checks, 0)
  direct.answer = hangs
  await node.clock.advance(29_999)
  t.is(direct.checks, 0)
  await node.clock.advance(1 + 2 * CHECK)
  t.is(node.preferred(), relayed)
  t.deepEqual([relayed.status, direct.status], ['open', 'open'])
  node.convergence.stop()
})

test('connections that answer are checked once when one opens, and not again', async t => {
  const node = new FakeNode({ idle: 1_000_000 })
  const connections = [await node.open(), await node.open()]
  await node.clock.advance(900_000)
  t.deepEqual(connections.map(({ checks }) => checks), [1, 1])
  await node.open()
  t.deepEqual(connections.map(({ checks }) => checks), [2, 2])
  node.convergence.stop()
})

test('a connection that opens during a check is checked after it', async t => {
  const { node, other } = await silentPreferred()
  other.answer = hangs
  await node.clock.advance(CHECK / 2)
  const third = await node.open()
  await node.clock.advance(CHECK / 2)
  t.is(node.preferred(), other)
  await node.clock.advance(CHECK)
  t.is(node.preferred(), third)
  node.convergence.stop()
})

test('a faster connection that does not answer is not taken, and is when it answers', async t => {
  const node = new FakeNode()
  const [slow, fast] = [await node.open({ rtt: 100 }), await node.open({ rtt: 50 })]
  // streams keep both open
  node.connections.forEach(connection => { connection.open('/chat') })
  await node.clock.advance(20_000)
  fast.answer = hangs
  await node.clock.advance(60_000)
  t.is(node.preferred(), slow)
  t.deepEqual(node.changes, [])

  fast.answer = answers
  await node.clock.advance(20_000)
  t.is(node.preferred(), fast)
  node.convergence.stop()
})
