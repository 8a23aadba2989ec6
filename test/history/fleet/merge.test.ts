import test from 'ava'
import { newPeer } from '../../helpers/signing-peer.ts'
import { connects, HOUR, MINUTE, silent, to } from '../learning.ts'
import { beliefIn, changed, node, one, other, peer, peerName, two } from './fleet.ts'
import type { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { Node } from './fleet.ts'

const success = (of: Node, candidate = one): number => beliefIn(of, candidate)[0] as number
const online = ({ history }: Node, of = peer): number => Math.round(history.online(of) * 1_000) / 1_000

/** Returns the exports of nodes that have each dialled `one` */
async function textsOf (clock: VirtualClock, ...endings: ReadonlyArray<typeof connects>): Promise<string[]> {
  return Promise.all(endings.map(async ending => {
    const { history, tell } = node(clock)
    // a success shows that the node's own network works
    tell(two, connects)
    tell(one, ending)

    return history.export()
  }))
}

/** Merges the texts one after another. Returns the estimate for `one` after each */
async function beliefsAfter (of: Node, texts: readonly string[]): Promise<number[]> {
  const beliefs: number[] = []

  for (const text of texts) {
    await of.history.merge(text)
    beliefs.push(success(of))
  }

  return beliefs
}

test('merged evidence counts like an own observation, and without its round trip', async t => {
  const fresh = node()
  t.deepEqual(beliefIn(fresh, one), [0.5, 0.667, 80, 0.7])
  await fresh.history.merge((await textsOf(fresh.clock, connects))[0] as string)

  // (1 + 2 x 0.667) / (1 + 2), and the same times 0.833
  t.deepEqual(beliefIn(fresh, one), [0.648, 0.778, 80, 0.7])
  // (1 + 2 x 0.75) / (1 + 2)
  t.is(online(fresh), 0.833)
})

test('merged counts of several nodes add up to two own observations at most', async t => {
  const fresh = node()
  const beliefs = await beliefsAfter(fresh, await textsOf(fresh.clock, silent, silent, connects, silent, silent))

  // (1.333 + successes) / (2 + all), times the same value of the peer. Evidence of four nodes is kept
  t.deepEqual(beliefs, [0.333, 0.25, 0.417, 0.382, 0.382])
})

test('a fifth node\'s evidence of an address replaces the oldest, unless that is as new', async t => {
  const fresh = node()
  const takes = async (ending: typeof connects): Promise<string> => {
    const [text] = await textsOf(fresh.clock, ending)
    await fresh.clock.advance(MINUTE)

    return text as string
  }
  const late = await takes(silent)
  const texts = [await takes(silent), await takes(connects), await takes(connects), await takes(connects)]
  const beliefs = await beliefsAfter(fresh, [...texts, late, await takes(connects)])

  // the fifth node's older evidence changes nothing
  t.is(beliefs[4], beliefs[3])
  t.true((beliefs[5] ?? NaN) > (beliefs[3] ?? NaN) + 0.05)
})

test('evidence of one node weighs two observations at most', async t => {
  const fresh = node()
  fresh.tell(two, connects)
  const { history, tell } = node(fresh.clock)
  tell(two, connects)
  tell(one, silent, 50)
  const before = success(fresh)
  await fresh.history.merge(await history.export())
  // the path class has a success
  t.deepEqual([before, success(fresh)], [0.587, 0.293])
})

test('merging a text twice, in any order with others, changes nothing', async t => {
  const [first, second] = [node(), node()]
  const texts = await textsOf(first.clock, connects, silent, silent)
  await beliefsAfter(first, texts)
  await beliefsAfter(second, [...texts, ...texts.toReversed(), ...texts].toReversed())

  t.deepEqual(beliefIn(second, one), beliefIn(first, one))
  t.is(online(second), online(first))
})

test('merge() returns the number of peers with new evidence', async t => {
  const [first, second] = [node(), node()]
  first.tell(one, connects)
  first.tell(two, connects)
  t.is(await second.history.merge(await first.history.export()), 2)
  t.is(await second.history.merge(await first.history.export()), 0)

  await second.clock.advance(MINUTE)
  await first.clock.advance(MINUTE)
  first.tell(one, connects)
  t.is(await second.history.merge(await first.history.export()), 1)
})

test('a newer export of a node replaces its older one, and an older one is ignored', async t => {
  const [first, second] = [node(), node()]
  first.tell(two, connects)
  first.tell(one, silent)
  const older = await first.history.export()
  await second.history.merge(older)
  await first.clock.advance(MINUTE)
  await second.clock.advance(MINUTE)
  first.tell(one, connects)
  first.tell(one, connects)
  await second.history.merge(await first.history.export())
  const belief = success(second)

  // two observations of each node: 2/3 and 1/3 of them, half each
  t.true(belief > 0.5 && belief < 0.6, `${belief}`)
  t.is(await second.history.merge(older), 0)
  t.is(success(second), belief)
})

test('merging the node\'s own export changes nothing', async t => {
  const own = node()
  own.tell(one, silent)
  const before = beliefIn(own, one)

  t.is(await own.history.merge(await own.history.export()), 0)
  t.deepEqual(beliefIn(own, one), before)
})

test('a node\'s own evidence does not return to it through others', async t => {
  const [first, second] = [node(), node()]
  first.tell(one, connects)
  const before = beliefIn(first, one)

  for (let round = 0; round < 10; round++) {
    await second.history.merge(await first.history.export())
    await first.history.merge(await second.history.export())
  }

  t.deepEqual(beliefIn(first, one), before)
})

test('one own observation outweighs merged evidence', async t => {
  for (const [others, own] of [[silent, connects], [connects, silent]] as const) {
    const fresh = node()
    await beliefsAfter(fresh, await textsOf(fresh.clock, others, others, others, others))
    const before = success(fresh)
    fresh.tell(one, own)
    const after = success(fresh)

    t.is(before > 0.5, others === connects)
    t.is(after > 0.5, own === connects, `${before} ${after}`)
  }
})

test('merged evidence decays', async t => {
  const fresh = node()
  const [text] = await textsOf(fresh.clock, silent)
  await fresh.history.merge(text as string)
  await fresh.clock.advance(6 * HOUR)
  // (0 + 2 x 0.5) / (0.5 + 2)
  t.is(success(fresh), 0.4)
  await fresh.clock.advance(60 * HOUR)
  t.is(success(fresh), 0.5)
  t.is(await fresh.history.merge(text as string), 0, 'to say it again makes it no newer')
  t.is(await node(fresh.clock).history.merge(text as string), 0, 'too old to be taken at all')
})

test('merged evidence changes no failure counts and no path counts', async t => {
  const [first, second] = [node(), node()]
  first.tell(to('/ip6/2a01::1/udp/1/quic-v1', other), connects)
  first.tell(to('/ip6/2a01:1::1/udp/1/quic-v1', peer), silent)
  await second.history.merge(await first.history.export())

  t.is(second.history.failures(to('/ip6/2a01:1::1/udp/1/quic-v1', peer)), undefined)
  t.deepEqual([second.history.path('udp'), second.history.path('ip6')], Array.from({ length: 2 }, () => ({ successes: 0, failures: 0, failuresInARow: 0 })))
  t.is(success(second, to('/ip6/2a01:2::1/udp/1/quic-v1')), 0.5, 'another address of the class')
})

test('merged evidence stays when the network changes', async t => {
  const fresh = node()
  const [text] = await textsOf(fresh.clock, silent)
  await fresh.history.merge(text as string)
  const belief = beliefIn(fresh, one)

  for (const network of ['home', undefined]) {
    fresh.history.networkChanged(network)
    t.deepEqual(beliefIn(fresh, one), belief)
  }
})

test('merging 30,000 peers keeps at most 10,000, and no own record is evicted', async t => {
  const { history } = node()
  const text = await node().history.export()
  const names = Array.from({ length: 30 }, (_, n) => n)

  for (const n of names) {
    await history.merge(changed(text, object => {
      object.member = n.toString(16).padStart(32, '0')
      object.peers = Array.from({ length: 1_000 }, (_, i) => [peerName(n * 1_000 + i), [1, 0, 0], [['/ip4/7.7.7.7/tcp/1', 1, 0, 0]]])
    }))
  }

  const { addresses, peers } = history.networks.current.fleet
  t.true([...addresses].length <= 10_000)
  t.true([...peers].length <= 10_000)
  t.deepEqual([...history.networks.current.addresses], [])
})

test('a peer without addresses in a text is not counted as news', async t => {
  const fresh = node()
  const text = changed(await node().history.export(), object => { object.peers = [[peer.toString(), [5, 0, 0], []]] })

  t.is(await fresh.history.merge(text), 0)
  t.is(online(fresh), 0.75)
  t.is(fresh.history.online(await newPeer()), 0.75)
})
