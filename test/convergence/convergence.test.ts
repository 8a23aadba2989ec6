import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { FakeNode, RELAY, TCP, WS } from './fakes.ts'

test('the better connection is preferred immediately with an event, and the other is closed after the idle time', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY })
  t.is(node.preferred(), relayed)
  t.deepEqual(node.changes, [])

  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)
  t.deepEqual(node.changes, [{ peerId: direct.remotePeer, connection: direct.real, previous: relayed.real, deadline: undefined }])

  await node.clock.advance(29_999)
  t.is(relayed.status, 'open')
  await node.clock.advance(1)
  t.is(relayed.status, 'closed')
  await node.clock.advance(1_000_000)
  t.is(direct.status, 'open')
  t.is(node.changes.length, 1)
  t.is(node.clock.pending, 0)
})

test('onPreferredChange() is called with each change, and its error changes nothing', async t => {
  const events: unknown[] = []
  const node = new FakeNode({
    deadline: 60_000,
    onPreferredChange: one => {
      events.push(one)
      throw new Error('Broken')
    }
  })
  await node.clock.advance(5)
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  t.deepEqual(events, [{ peerId: direct.remotePeer, connection: direct.real, previous: relayed.real, deadline: 60_005 }])
  relayed.open('/chat')
  await node.clock.advance(60_000)
  t.is(relayed.status, 'closed')
})

test.serial('an onPreferredChange() that rejects causes no unhandled rejection', async t => {
  const unhandled = watchUnhandled(t)
  const node = new FakeNode({ onPreferredChange: rejecting })
  await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)
  t.deepEqual(await unhandled(), [])
})

test('preferred() skips a connection that is closing and has sent no event yet', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, isLimited: true })
  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)

  direct.status = 'closing'
  t.is(node.preferred(), relayed)
})

test('the best connection is direct and unlimited, over the first transport of the order', async t => {
  const node = new FakeNode()
  const [relayed, ws, tcp] = [await node.open({ to: RELAY }), await node.open({ to: WS }), await node.open({ to: TCP })]
  const answers = (one: FakeNode): boolean[] => [relayed, ws, tcp].map(({ real }) => one.convergence.isBest(real))

  t.deepEqual(answers(node), [false, true, true])
  t.deepEqual(answers(new FakeNode({ order: ['tcp'] })), [false, false, true])
  t.deepEqual(answers(new FakeNode(false)), [true, true, true])
})

test('an address is better when it leads to a less limited connection, or to an earlier transport of the order', async t => {
  const at = (to: string) => candidate(multiaddr(to))
  const plain = new FakeNode()
  const relayed = await plain.open({ to: RELAY })
  const limited = await plain.open({ to: RELAY, isLimited: true })
  const ws = await plain.open({ to: WS })
  const answers = (node: FakeNode, to: string): boolean[] => [relayed, limited, ws].map(({ real }) => node.convergence.isBetter(at(to), real))

  t.deepEqual(answers(plain, RELAY), [false, false, false])
  t.deepEqual(answers(plain, TCP), [true, true, false])
  t.deepEqual(answers(plain, `${RELAY}/webrtc`), [true, true, false])
  t.deepEqual(answers(new FakeNode({ order: ['tcp'] }), TCP), [true, true, true])
  t.deepEqual(answers(new FakeNode({ order: ['ws', 'tcp'] }), TCP), [true, true, false])
})
