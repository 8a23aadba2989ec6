import test from 'ava'
import { directFirst } from '../../presets/index.ts'
import { all, MIX, play, RELAY } from './scene.ts'

const { tcp, quic4, relayed } = MIX
// libp2p's order puts it above what is private: relayed and public
const lan = MIX.private
const other = `/ip4/8.8.4.4/udp/4001/quic-v1/p2p/${RELAY}/p2p-circuit`

test('direct ones first, whatever libp2p\'s order says, and relayed ones when all of those have failed', async t => {
  const { dialled, times } = await play(directFirst(), { given: [relayed, lan, tcp, other], network: all([lan, tcp], { refuses: 100 }) })

  t.deepEqual(dialled, [tcp, lan, relayed, other])
  t.deepEqual(times, [0, 100, 200, 450])
})

test('relayed ones after a second where direct ones say nothing', async t => {
  const { dialled, times } = await play(directFirst(), { given: [relayed, other, tcp, quic4] })

  t.deepEqual(dialled, [tcp, quic4, relayed, other])
  t.deepEqual(times, [0, 250, 1_000, 1_250])
})

test('a relayed one is not dialled where a direct one takes less than a second', async t => {
  t.deepEqual((await play(directFirst(), { given: [relayed, tcp], network: { [relayed]: { connects: 10 }, [tcp]: { connects: 990 } } })).dialled, [tcp])
})

test('a direct connection that comes after the relayed one has started is taken if it is first', async t => {
  const { dialled, connection } = await play(directFirst(), { given: [relayed, tcp], network: { [relayed]: { connects: 500 }, [tcp]: { connects: 1_200 } } })

  t.deepEqual(dialled, [tcp, relayed])
  t.true(connection?.direct)
})

test('a peer that is behind a relay only does not wait', async t => {
  t.deepEqual((await play(directFirst(), { given: [relayed] })).times, [0])
})
