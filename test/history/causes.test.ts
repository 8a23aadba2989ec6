import test from 'ava'
import { keysOf } from '../../src/history/keys.ts'
import { UnexplainedFailures } from '../../src/history/unexplained.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, HOUR, learning, MINUTE, rounded, silent, systemError, tcp, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/** Returns the same address with a source */
const named = (source: string, peer: PeerId, n = 1): Candidate => ({ ...tcp(n, peer), provenance: [{ source }] })

/** Returns the estimate for an untried address of the path class, provided that its peer is online */
const ofClass = ({ history }: Pick<ReturnType<typeof learning>, 'history'>): number => rounded(history.estimate(tcp(200)).valid)

const refused: Ending = { fails: 40, error: systemError('ECONNREFUSED') }
const UNKNOWN = rounded(0.5 / 0.75)

test('failures of a peer that never answers do not change its path class and prefixes', async t => {
  for (const ending of [silent, refused, { fails: 30, error: new Error('no code') }, { cancelled: 6_000 }]) {
    const world = learning()
    const peer = await newPeer()
    Array.from({ length: 8 }, (_, n) => { world.attempt(tcp(n, peer), ending) })

    t.is(ofClass(world), UNKNOWN)
    t.is(rounded(world.history.estimate(to('/ip4/7.7.1.9/tcp/1', await newPeer())).valid), UNKNOWN)

    world.history.unreachable(peer)
    t.is(ofClass(world), UNKNOWN)
  }
})

test('failures lower the class once the peer answers, by an attempt or an inbound connection', async t => {
  const byAttempt = learning()
  const [one, other] = [await newPeer(), await newPeer()]
  Array.from({ length: 3 }, (_, n) => { byAttempt.attempt(tcp(n, one), silent) })
  byAttempt.attempt(to('/ip4/8.8.8.8/udp/1/quic-v1', one), connects)
  // (4 x 0.667) / (4 + 3)
  t.is(ofClass(byAttempt), 0.381)

  const byPeer = learning()
  Array.from({ length: 3 }, (_, n) => { byPeer.attempt(tcp(n, other), { fails: 2_000 }) })
  byPeer.history.connected(other)
  t.is(ofClass(byPeer), 0.381)

  // a repeated connection does not count again
  byPeer.history.connected(other)
  t.is(ofClass(byPeer), 0.381)
})

test('a failure of a peer that answers elsewhere lowers the class once', async t => {
  const world = learning()
  const peer = await newPeer()
  world.attempt(tcp(1, peer), connects)
  const before = ofClass(world)
  world.attempt(tcp(2, peer), silent)
  const after = ofClass(world)
  t.true(after < before)

  // the peer may have gone offline
  await world.clock.advance(MINUTE / 2)
  world.attempt(tcp(3, peer), silent)
  t.true(ofClass(world) >= after)
})

test('an answer a minute after the failure does not lower the class', async t => {
  const world = learning()
  const peer = await newPeer()
  world.attempt(tcp(1, peer), silent)
  await world.clock.advance(MINUTE)
  world.history.connected(peer)

  t.is(ofClass(world), UNKNOWN)
})

test('an attempt cancelled by a failed dial does not lower the class when the next dial connects', async t => {
  const world = learning()
  const peer = await newPeer()
  world.attempt(tcp(1, peer), silent)
  world.history.unreachable(peer)
  world.history.connected(peer)

  t.is(ofClass(world), UNKNOWN)
})

test('a failed handshake, or a refusal at an address without a peer id, lowers the class at once', async t => {
  const heard = learning()
  heard.attempt(tcp(1, await newPeer()), { fails: 6_000, heard: 40 })
  t.true(ofClass(heard) < UNKNOWN)

  const alone = learning()
  alone.attempt(tcp(1), refused)
  t.true(ofClass(alone) < UNKNOWN)
})

test('an address is charged at once, and relieved when the dial finds the peer unreachable', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  attempt(tcp(1, peer), silent)

  // (2 x 0.667) / (2 + 1). The sibling's estimate is unchanged
  t.deepEqual([tcp(1, peer), tcp(2, peer)].map(one => rounded(history.estimate(one).valid)), [0.444, UNKNOWN])
  t.is(history.failures(tcp(1, peer))?.count, 1)

  history.unreachable(peer)
  t.is(rounded(history.estimate(tcp(1, peer)).valid), UNKNOWN)
  // the failure still delays the next dial
  t.is(history.failures(tcp(1, peer))?.count, 1)
})

test('an address stays charged when the dial has left out others', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  attempt(tcp(1, peer), silent)
  const online = history.online(peer)
  history.unreachable(peer, false)

  t.deepEqual([tcp(1, peer), tcp(2, peer)].map(one => rounded(history.estimate(one).valid)), [0.444, UNKNOWN])
  t.true(history.online(peer) < online)
})

test('the estimates of a peer that was away for long are restored when it returns', async t => {
  const { history, attempt, clock } = learning()
  const peer = await newPeer()
  attempt(tcp(1, peer), silent)
  attempt(tcp(2, peer), connects)
  const before = [1, 2].map(n => rounded(history.estimate(tcp(n, peer)).valid))

  for (let n = 0; n < 20; n++) {
    await clock.advance(1_000)
    attempt(tcp(1, peer), { fails: 500 })
    attempt(tcp(2, peer), { fails: 500 })
    history.unreachable(peer)
  }

  const after = [1, 2].map(n => rounded(history.estimate(tcp(n, peer)).valid))
  t.true(after.every((valid, i) => Math.abs(valid - (before[i] ?? NaN)) < 0.01), `${after}`)
})

test('unattributed failures are dropped by an outage', async t => {
  const world = learning()
  const [peer, other] = [await newPeer(), await newPeer()]
  world.history.received()
  await world.clock.advance(10_000)
  Array.from({ length: 5 }, (_, n) => { world.attempt(tcp(n, peer), silent) })
  world.history.connected(other)
  world.history.connected(peer)

  t.is(ofClass(world), UNKNOWN)
})

test('unattributed failures of fewer than 2,000 peers are kept', t => {
  for (const [others, isKept] of [[1_998, true], [1_999, false]] as const) {
    const failures = new UnexplainedFailures()
    Array.from({ length: others + 1 }, (_, n) => { failures.add(`${n}`, { keys: keysOf(tcp(1)), weight: 1, at: 0 }) })
    t.is(failures.take('0', 0).length === 1, isKept)
  }
})

test('the odds that a new peer is online are learnt for each source separately', async t => {
  const { history, attempt } = learning()

  for (let n = 0; n < 10; n++) {
    const [gone, here] = [await newPeer(), await newPeer()]
    attempt(named('dht', gone), silent)
    history.unreachable(gone)
    attempt(named('identify', here), connects)
  }

  const peer = await newPeer()
  const online = ['dht', 'identify', 'pubsub'].map(source => rounded(history.online(peer, [{ source }])))
  // (0 + 4 x 0.75) / (10 + 4), (10 + 4 x 0.75) / (10 + 4), and the belief without evidence
  t.deepEqual(online, [0.214, 0.929, 0.75])
  t.is(history.online(peer), 0.75)
  const [dht = 0, identify = 0] = ['dht', 'identify'].map(source => history.estimate(named(source, peer)).success)
  t.is(rounded(dht / identify), rounded((3 / 14) / (13 / 14)))
})

test('an address of several sources counts for the most trusted', async t => {
  const { history, attempt } = learning()
  const [peer, other] = [await newPeer(), await newPeer()]
  attempt({ ...tcp(1, peer), provenance: [{ source: 'dht' }, { source: 'certified' }, { source: 'routing' }] }, connects)

  t.true(history.online(other, [{ source: 'certified' }]) > 0.75)
  t.is(history.online(other, [{ source: 'dht' }]), 0.75)
  t.is(history.online(other, [{ source: 'dht' }, { source: 'certified' }]), history.online(other, [{ source: 'certified' }]))
})

test('a peer counts once for a source, however often it is dialled', async t => {
  const { history, attempt } = learning()
  const [peer, other] = [await newPeer(), await newPeer()]

  for (let n = 0; n < 20; n++) {
    attempt(named('dht', peer), silent)
    history.unreachable(peer)
  }

  // (4 x 0.75) / (4 + 1)
  t.is(rounded(history.online(other, [{ source: 'dht' }])), 0.6)
  t.true(history.online(peer) < 0.2)
})

test('a failed dial without failed addresses does not count for a source', async t => {
  const { history, attempt } = learning()
  const [peer, other] = [await newPeer(), await newPeer()]
  history.unreachable(peer)
  attempt(named('dht', peer), silent)
  history.unreachable(peer)

  t.is(rounded(history.online(other, [{ source: 'dht' }])), 0.6)
})

test('an outage does not count for a source', async t => {
  const { history, attempt, clock } = learning()
  const [peer, other, stranger] = [await newPeer(), await newPeer(), await newPeer()]
  history.received()
  await clock.advance(10_000)
  attempt(named('dht', peer), silent)
  history.unreachable(peer)
  t.true(history.online(other, [{ source: 'dht' }]) < 0.75)
  history.connected(stranger)

  t.is(history.online(other, [{ source: 'dht' }]), 0.75)
})

test('evidence about the addresses of a source halves in six hours', async t => {
  const { history, attempt, clock } = learning()
  const [peer, other] = [await newPeer(), await newPeer()]
  attempt(named('dht', peer), connects)
  await clock.advance(6 * HOUR)

  // (0.5 + 4 x 0.75) / (0.5 + 4)
  t.is(rounded(history.online(other, [{ source: 'dht' }])), 0.778)
})
