import test from 'ava'
import { estimateOf } from '../../src/history/estimate.ts'
import { keysOf } from '../../src/history/keys.ts'
import { Knowledge } from '../../src/history/knowledge.ts'
import { belief } from '../../src/history/belief.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, HOUR, learning, MINUTE, rounded, silent, tcp, to } from './learning.ts'

const peer = await newPeer()
const one = to('/ip4/7.7.7.7/tcp/1', peer)

test('estimate() of an unknown address returns the belief', t => {
  const { history } = learning({ belief: { success: 0.6, online: 0.8, roundTrip: 50, spread: 0.5 } })
  const { success, valid, firstResponse, connect, roundTrips } = history.estimate(to('/ip4/7.7.7.7/tcp/1/ws'))

  t.deepEqual([success, rounded(valid), firstResponse.sigma, rounded(connect), roundTrips], [0.6, 0.75, 0.5, 50 * 4 + 11, { first: 2, all: 4 }])
  t.is(rounded(Math.exp(firstResponse.mu)), 100)
})

test('an undefined part of the belief counts as absent', t => {
  const { history } = learning({ belief: { success: undefined, online: undefined, roundTrip: undefined, spread: undefined } })

  t.deepEqual(history.estimate(one), learning({}).history.estimate(one))
})

test('estimate() returns the believed success even if it exceeds the believed online odds', t => {
  const { history } = learning({ belief: { success: 0.9 } })

  t.is(history.estimate(tcp(1)).success, 0.9)
  t.is(history.estimate(tcp(1)).valid, 0.97)
})

test('a failure lowers the address most, then its peer, its prefix and its class', async t => {
  const { history, attempt } = learning({ belief: { success: 0.5, online: 1 } })
  const [peer, other] = [await newPeer(), await newPeer()]
  history.connected(peer)
  attempt(tcp(1, peer), silent)

  t.deepEqual([tcp(1, peer), to('/ip4/7.7.1.2/tcp/1', peer), tcp(2, peer), to('/ip4/7.7.1.2/tcp/1', other), tcp(2, other), to('/ip6/2a01::1/tcp/1', other)].map(one => rounded(history.estimate(one).success)),
    // evidence of the address, its peer in the same prefix and elsewhere, others in the prefix and elsewhere, another class
    [0.16, 0.24, 0.3, 0.32, 0.4, 0.5])
})

test('a success raises the address most, then its peer and its class', async t => {
  const { history, attempt } = learning({ belief: { success: 0.5, online: 1 } })
  const [peer, other] = [await newPeer(), await newPeer()]
  attempt(tcp(1, peer), connects)

  t.deepEqual([tcp(1, peer), tcp(2, peer), tcp(2, other)].map(one => rounded(history.estimate(one).success)), [0.84, 0.7, 0.6])
})

test('ten failures of different addresses lower their class, and ten of one address do not', async t => {
  const belief = { success: 0.5, online: 1 }
  const { history, attempt } = learning({ belief })

  for (let n = 0; n < 10; n++) {
    const peer = await newPeer()
    history.connected(peer)
    attempt(to('/ip4/7.7.7.7/tcp/1', peer), silent)
  }

  const unknown = to('/ip4/9.9.9.9/tcp/1', await newPeer())
  t.is(rounded(history.estimate(unknown).success), 0.143)

  const { history: another, attempt: tryAgain } = learning({ belief })
  const peer = await newPeer()
  another.connected(peer)
  const same = tcp(1, peer)
  Array.from({ length: 10 }, () => { tryAgain(same, silent) })
  t.is(rounded(another.estimate(unknown).success), 0.4)
  t.true(another.estimate(same).success < 0.05)
})

test('ten successes of one address count as one for its class', t => {
  const { history, attempt } = learning({ belief: { success: 0.5, online: 1 } })
  Array.from({ length: 10 }, () => { attempt(tcp(1), connects) })

  t.is(history.estimate(tcp(2)).success, 0.6)
})

test('failing IPv6 addresses of a peer are rated low although its IPv4 connects', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()

  for (let n = 0; n < 5; n++) {
    attempt(to(`/ip4/7.7.${n}.1/tcp/1`, peer), connects)
    attempt(to(`/ip6/2a01:${n}::1/tcp/1`, peer), silent)
  }

  t.true(history.estimate(to('/ip4/9.9.9.9/tcp/1', peer)).success > 0.8)
  t.true(history.estimate(to('/ip6/2a09::1/tcp/1', peer)).success < 0.15)
})

test('evidence decays by half in six hours for an address, and in ten minutes for a class', async t => {
  const { history, attempt, clock } = learning({ belief: { success: 0.5, online: 1 } })
  const one = tcp(1)
  attempt(one, connects)
  t.is(history.estimate(tcp(2)).success, 0.6)

  await clock.advance(10 * MINUTE)
  // (0.5 + 4 x 0.5) / (0.5 + 4)
  t.is(rounded(history.estimate(tcp(2)).success), 0.556)
  await clock.advance(6 * HOUR - 10 * MINUTE)
  // the class's evidence has decayed: (0.5 + 2 x 0.5) / (0.5 + 2)
  t.is(rounded(history.estimate(one).success), 0.6)
})

test('online() follows what was observed of the peer, and caps the success of its addresses', async t => {
  const { history, attempt } = learning()
  const [seen, gone] = [await newPeer(), await newPeer()]
  history.connected(seen)
  history.unreachable(gone)
  t.deepEqual([seen, gone, await newPeer()].map(peer => rounded(history.online(peer))), [0.833, 0.5, 0.75])
  // an inbound connection says that the peer is online, but nothing about the validity of its address
  t.is(rounded(history.estimate(tcp(1, seen)).valid), 0.667)
  t.is(rounded(history.estimate(tcp(1, seen)).success), rounded(0.667 * 0.833))

  history.unreachable(gone)
  history.unreachable(gone)
  t.is(rounded(history.online(gone)), 0.3)
  t.is(rounded(history.estimate(tcp(1, gone)).success), 0.2)
  t.is(rounded(history.estimate(tcp(1, gone)).valid), 0.667)

  // the peer comes online, and goes offline again
  history.connected(gone)
  t.is(rounded(history.online(gone)), 0.833)
  history.unreachable(gone)
  t.is(rounded(history.online(gone)), 0.571)

  // the connection counts once, although both the node and the attempt report it
  const peer = await newPeer()
  history.connected(peer)
  attempt(tcp(1, peer), connects)
  t.is(rounded(history.online(peer)), 0.833)
})

test('estimates are zero when the belief says that no peer is online', t => {
  const { valid, success } = learning({ belief: { success: 0, online: 0 } }).history.estimate(one)
  t.deepEqual([valid, success], [0, 0])
})

test('each level weighs the wider level\'s estimate as a number of observations', t => {
  const knowledge = new Knowledge(belief({ success: 0.5, online: 1 }), () => {})
  const keys = { ...keysOf(one), prefix: 'prefix', source: 'dht' }
  const now = 0
  const validOf = (): number => Math.round((estimateOf(keys, knowledge, belief({ success: 0.5, online: 1 }), new VirtualClock(now), () => false)?.valid ?? 0) * 1e6) / 1e6
  const mean = (successes: number, strength: number, prior: number): number => (successes + strength * prior) / (successes + strength)
  const steps: number[] = []
  const expected: number[] = []
  let prior = 0.5
  const step = (strength: number): void => {
    prior = mean(1, strength, prior)
    expected.push(Math.round(prior * 1e6) / 1e6)
    steps.push(validOf())
  }
  // `any`: the members that the test reads are not in the public type
  const tables = knowledge as any
  const record = (level: string, key: string): void => {
    tables.renew(level, key).outcomes.add(1, 0, now)
  }

  record('classes', keys.pathClass)
  step(4)
  record('prefixes', 'prefix')
  step(4)
  tables.renew('peers', keys.peer).makeClass(keys.pathClass).add(1, 0, now)
  step(3)
  record('addresses', keys.address)
  step(2)
  t.deepEqual(steps, expected)

  tables.renew('sources', 'dht').outcomes.add(0, 1, now)
  const online = (): number => Math.round((estimateOf(keys, knowledge, belief({ success: 0.5, online: 1 }), new VirtualClock(now), () => false)?.success ?? 0) / validOf() * 1e4) / 1e4
  t.is(online(), 0.8)
  tables.renew('peers', keys.peer).online.add(0, 1, now)
  t.is(online(), Math.round(2 * 0.8 / 3 * 1e4) / 1e4)
})
