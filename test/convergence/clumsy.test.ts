import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { FakeNode, RELAY, TCP } from './fakes.ts'

/** Opens two connections to each of two peers before convergence is on */
async function opened (node: FakeNode): Promise<void> {
  node.convergence.isOn = false

  for (const remotePeer of ['y', 'z']) {
    for (const to of [RELAY, TCP, RELAY, TCP]) {
      await node.open({ to, remotePeer, isLimited: to === RELAY })
    }
  }
}

test('turning convergence on emits no event for connections that were open before', async t => {
  const node = new FakeNode()
  await opened(node)
  node.convergence.isOn = true
  await settled()
  t.deepEqual(node.changes, [])
  t.is(node.preferred('y'), node.connections[1])
  await node.clock.advance(30_000)
  t.is(node.connections.length, 2)
})

for (const [name, act, pending] of [
  ['turns convergence off', node => { node.convergence.isOn = false }, 0],
  ['stops the node', node => { node.convergence.stop() }, 0],
  ['turns convergence off and on', node => {
    node.convergence.isOn = false
    node.convergence.isOn = true
  }, 4],
  ['opens a connection', node => { void node.open({ to: TCP, remotePeer: 'x' }) }, 4],
  ['closes the preferred connection', node => { void node.preferred('x')?.close() }, 0],
  ['closes the previous connection', node => { void node.connections.find(({ limits }) => limits != null)?.close() }, 0]
] as Array<[string, (node: FakeNode) => void, number]>) {
  test(`an onPreferredChange() that ${name} is called once`, async t => {
    const node: FakeNode = new FakeNode({ idle: Infinity, onPreferredChange: () => { act(node) } })
    const relayed = await node.open({ to: RELAY, remotePeer: 'x', isLimited: true })
    await node.open({ to: TCP, remotePeer: 'x' })
    await node.clock.advance(5_000)
    t.is(node.changes.length, 1)
    t.is(node.changes[0]?.previous, relayed.real)
    t.true(node.clock.pending <= pending, String(node.clock.pending))
    node.convergence.stop()
    t.is(node.clock.pending, 0)
  })
}
