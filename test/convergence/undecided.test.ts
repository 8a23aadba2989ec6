import test from 'ava'
import { FakeNode, RELAY, TCP, WS } from './fakes.ts'

test('a connection that lost its race is neither preferred nor a reason to close another', async t => {
  const node = new FakeNode()
  const won = await node.open({ to: RELAY })
  const lost = await node.open({ to: TCP, isOfDial: false })
  t.is(node.preferred(), won)
  await node.clock.advance(500)
  lost.gone()
  await node.clock.advance(100_000)
  t.deepEqual(node.changes, [])
  t.is(won.status, 'open')
})

for (const direction of ['inbound', 'outbound'] as const) {
  test(`an ${direction} connection is ignored while its verification runs`, async t => {
    const node = new FakeNode({ order: ['tcp'], idle: 0 })
    const first = await node.open({ to: WS })
    const second = await node.open({ to: TCP, direction, isOfDial: false, isUndecided: true })
    await node.clock.advance(60_000)
    t.is(node.preferred(), first)
    t.deepEqual(node.changes, [])
    t.is(node.connections.length, 2)

    node.undecided.clear()
    node.convergence.accepted(second.real)
    t.is(node.preferred(), second)
    await node.clock.advance(2_000)
    t.is(first.status, 'closed')
    t.is(node.changes.length, 1)
  })

  test(`an ${direction} connection takes no part while its verification runs for longer than a second and another opens`, async t => {
    const node = new FakeNode({ idle: 0 })
    const unverified = await node.open({ to: TCP, direction, isOfDial: false, isUndecided: true })
    await node.clock.advance(5_000)
    const relayed = await node.open({ to: RELAY })
    await node.clock.advance(60_000)
    t.is(node.preferred(), relayed)
    t.is(relayed.status, 'open')
    t.deepEqual(node.changes, [])

    node.undecided.clear()
    await node.clock.advance(1_000)
    t.is(node.preferred(), unverified)
  })

  test(`an ${direction} connection is considered within a second when its verification ends without a report`, async t => {
    const node = new FakeNode()
    await node.open({ to: RELAY })
    const second = await node.open({ to: TCP, direction, isOfDial: false, isUndecided: true })
    await node.clock.advance(2_500)
    node.undecided.clear()
    await node.clock.advance(500)
    t.is(node.preferred(), second)
  })
}

test('a connection that no dial reported is considered after a second', async t => {
  const node = new FakeNode()
  const first = await node.open({ to: RELAY })
  const second = await node.open({ to: TCP, isOfDial: false })
  await node.clock.advance(999)
  t.is(node.preferred(), first)
  await node.clock.advance(1)
  t.is(node.preferred(), second)
})

test('an unreported connection open for 5 s is the previous one in the event of a better connection', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, isOfDial: false })
  await node.clock.advance(5_000)
  const direct = await node.open({ to: TCP })
  t.deepEqual(node.changes.map(({ connection, previous }) => [connection, previous]), [[direct.real, relayed.real]])
})
