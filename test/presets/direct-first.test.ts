import test from 'ava'
import { directFirst } from '../../presets/index.ts'
import { all, MIX, play, RELAY } from './scene.ts'

const { tcp, quic4, relayed } = MIX
// libp2p's order ranks public relayed addresses above private ones
const lan = MIX.private
const other = `/ip4/8.8.4.4/udp/4001/quic-v1/p2p/${RELAY}/p2p-circuit`

test('directFirst() dials direct addresses before relayed ones, and others last', async t => {
  const { dialled, times } = await play(directFirst(), { given: [relayed, lan, tcp, other], network: all([lan, tcp], { refuses: 100 }) })

  t.deepEqual(dialled, [tcp, lan, relayed, other])
  t.deepEqual(times, [0, 100, 200, 450])
})

test('directFirst() dials relayed addresses after a second when direct ones are silent', async t => {
  const { dialled, times } = await play(directFirst(), { given: [relayed, other, tcp, quic4] })

  t.deepEqual(dialled, [tcp, quic4, relayed, other])
  t.deepEqual(times, [0, 250, 1_000, 1_250])
})

test('directFirst() does not dial a relayed address when a direct one connects within a second', async t => {
  t.deepEqual((await play(directFirst(), { given: [relayed, tcp], network: { [relayed]: { connects: 10 }, [tcp]: { connects: 990 } } })).dialled, [tcp])
})

test('directFirst() yields a direct connection that completes before the relayed one', async t => {
  const { dialled, connection } = await play(directFirst(), { given: [relayed, tcp], network: { [relayed]: { connects: 500 }, [tcp]: { connects: 1_200 } } })

  t.deepEqual(dialled, [tcp, relayed])
  t.true(connection?.direct)
})

test('directFirst() dials relayed addresses at once when there are no direct ones', async t => {
  t.deepEqual((await play(directFirst(), { given: [relayed] })).times, [0])
})
