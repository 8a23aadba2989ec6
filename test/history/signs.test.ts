// signs that the network works, and conclusions at the end of a silent period
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { multiaddr } from '@multiformats/multiaddr'
import { History } from '../../src/history/history.ts'
import { historyStore } from '../../src/history/store.ts'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, MINUTE, silent, systemError, to } from './learning.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

const peers = await Promise.all(Array.from({ length: 6 }, newPeer)) as [PeerId, PeerId, PeerId, PeerId, PeerId, PeerId]
const addresses = peers.map((peer, n) => to(`/ip4/7.7.${n}.7/tcp/1`, peer)) as [Candidate, Candidate, Candidate, Candidate, Candidate, Candidate]
const [first, second, third, fourth] = addresses

type Made = ReturnType<typeof learning>

const failed = ({ history }: Made, candidates: readonly Candidate[] = addresses): number => candidates.filter(one => history.failures(one) != null).length

/** A node with recent activity and then `count` silent attempts, 5 s apart, at hosts that have answered before */
async function quiet (count: number, candidates: readonly Candidate[] = addresses): Promise<Made> {
  const made = learning()
  candidates.forEach(one => { made.attempt(one, connects) })
  await made.clock.advance(10 * MINUTE)
  made.history.received()

  for (const one of candidates.slice(0, count)) {
    await made.clock.advance(5_000)
    made.attempt(one, { fails: 4_000 })
  }

  return made
}

for (const [what, sign, count, isOutage] of [
  ['bytes, after silence at two hosts,', ({ history }) => { history.received() }, 2, false],
  ['bytes, after silence at three hosts,', ({ history }) => { history.received() }, 3, true],
  ['an inbound connection, after silence at one host,', ({ history }) => { history.connected(peers[5], { direction: 'inbound', remoteAddr: multiaddr('/ip4/9.9.9.9/tcp/1') }) }, 1, true],
  ['an outbound connection, after silence at another host,', ({ history }) => { history.connected(peers[5], { direction: 'outbound', remoteAddr: multiaddr('/ip4/9.9.9.9/tcp/1') }) }, 1, false],
  ['an outbound connection, after silence at the same address,', ({ history }) => { history.connected(peers[0], { direction: 'outbound', remoteAddr: multiaddr(first.id) }) }, 1, true],
  ['a connection from this machine, after silence at three hosts,', ({ history }) => { history.connected(peers[5], { direction: 'inbound', remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') }) }, 3, false],
  ['a connection of an unknown kind, after silence at one host,', ({ history }) => { history.connected(peers[5]) }, 1, true],
  ['resetFailures(), after silence at one host,', ({ history }) => { history.resetFailures() }, 1, true],
  ['a handshake that takes too long after an answer, after silence at three hosts,', made => { made.attempt(addresses[5], { fails: 1_000, heard: 900 }) }, 3, true],
  ['a first response that is told at once, after silence at three hosts,', ({ history }) => { history.answered(addresses[5]) }, 3, true]
] as Array<[string, (made: Made) => void, number, boolean]>) {
  test(`${what} ${isOutage ? 'ends an outage' : 'does not end an outage'}`, async t => {
    const made = await quiet(count)
    const { history, clock } = made
    const others = addresses.slice(0, count)
    const before = others.map(one => history.estimate(one).valid)
    const heard: unknown[] = []
    history.onNewNetwork = peer => { heard.push(peer) }
    t.is(failed(made, others), count)
    await clock.advance(5_000)
    sign(made)

    if (isOutage) {
      t.is(failed(made, others), 0)
      t.true(others.every((one, i) => history.estimate(one).valid > (before[i] ?? 1)))
      t.true(heard.length > 0)
    } else {
      t.is(failed(made, others.slice(1)), count - 1)
      t.deepEqual(heard, [])
    }
  })
}

test('the end of an outage reports the peer that answered, when it is known', async t => {
  const heard: unknown[] = []

  for (const sign of [({ attempt }: Made) => { attempt(fourth, connects) }, ({ history }: Made) => { history.received() }]) {
    const made = await quiet(3)
    made.history.onNewNetwork = peer => { heard.push(peer) }
    await made.clock.advance(5_000)
    sign(made)
  }

  t.deepEqual(heard, [`${peers[3]}`, undefined])
})

test('a first response from before the last sign does not end a later silent period', async t => {
  const made = await quiet(3)
  const { history, clock } = made
  const startedAt = clock.now() - 15_500
  // the first response is from before the silent period, the end from now
  history.attempted({ candidate: addresses[5], startedAt, firstResponseAt: startedAt + 100, endedAt: clock.now(), isCancelled: true })
  t.is(failed(made), 3)
  await clock.advance(5_000)
  history.connected(peers[4])
  t.is(failed(made), 0)
})

for (const [what, candidates, ending, isOutage] of [
  ['that began before the last sign', addresses, { fails: 60_000 }, false],
  ['that fail at this machine itself', addresses, { fails: 4_000, error: systemError('EMFILE') }, false],
  ['to this machine', [1, 2, 3].map(n => to(`/ip4/127.0.0.${n}/tcp/1`, peers[n] as PeerId)), { fails: 4_000 }, false],
  ['that were given up', addresses, { cancelled: 4_000 }, false],
  ['without a route', addresses, { fails: 4_000, error: systemError('ENETUNREACH') }, true],
  ['that are silent', addresses, { fails: 4_000 }, true]
] as const) {
  test(`attempts ${what} ${isOutage ? 'can' : 'cannot'} make an outage`, async t => {
    const made = await quiet(0, candidates)
    let count = 0
    made.history.onNewNetwork = () => { count++ }

    for (const one of candidates.slice(0, 3)) {
      await made.clock.advance(5_000)
      made.attempt(one, ending)
    }

    await made.clock.advance(5_000)
    made.history.received()
    t.is(count, Number(isOutage))
  })
}

test('failures() does not count a cancelled attempt', async t => {
  const { history, attempt } = learning()
  attempt(first, { cancelled: 5_000 })
  t.is(history.failures(first), undefined)
  attempt(first, silent)
  t.is(history.failures(first)?.count, 1)
})

test('failures() counts failures of an address without a peer', t => {
  const { history, attempt } = learning()
  const nobody = to('/ip4/7.7.7.7/tcp/1')
  attempt(nobody, silent)
  attempt(nobody, silent)
  t.deepEqual([history.failures(nobody)?.count, history.failures(nobody)?.isWrongPeer], [2, false])
})

test('a success clears isWrongPeer', t => {
  const { history, attempt } = learning()
  attempt(first, { fails: 80, heard: 30, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) })
  t.true(history.failures(first)?.isWrongPeer)
  attempt(first, connects)
  attempt(first, silent)
  t.false(history.failures(first)?.isWrongPeer)
})

test('a measured address has a quarter of the believed variance of round trips', t => {
  const { history, attempt } = learning()
  const sigmaOf = (candidate: Candidate): number => Math.round(history.estimate(candidate).firstResponse.sigma * 1e4) / 1e4
  t.is(sigmaOf(first), 0.7)
  attempt(first, { connects: 249, heard: 80 })
  t.is(sigmaOf(first), 0.175)
  // two thirds of the believed variance, because the sample weighs one of three
  t.is(sigmaOf(to('/ip4/99.7.7.7/tcp/1', peers[5])), Math.round(Math.sqrt(2 / 3) * 0.7 * 1e4) / 1e4)
})

test('History throws for an invalid belief and an unknown option', t => {
  const { clock } = learning()

  for (const init of [{ beliefs: {} }, { belief: { success: 2 } }, { belief: { succes: 0.5 } }, { belief: 7 }] as any[]) {
    t.throws(() => new History(clock, init), { name: 'InvalidParametersError' }, JSON.stringify(init))
  }
})

test('the effect of resetFailures() survives a crash', async t => {
  const datastore = new MemoryDatastore()
  const { clock, history, attempt } = learning()
  const store = historyStore(history.networks, datastore, clock, silentLogger.forComponent('test'))
  const quic = to('/ip4/7.7.7.7/udp/1/quic-v1', peers[0])
  await store.open()
  attempt(quic, silent)
  // an answer of another host shows that there was no outage
  attempt(second, connects)
  await clock.advance(MINUTE)
  t.deepEqual([history.failures(quic)?.count, history.path('udp').failuresInARow], [1, 1])
  history.resetFailures()
  t.deepEqual([history.failures(quic)?.count, history.path('udp').failuresInARow], [undefined, 0])
  await clock.advance(MINUTE)

  const again = new History(clock)
  const later = historyStore(again.networks, datastore, clock, silentLogger.forComponent('test'))
  await later.open()
  t.deepEqual([again.failures(quic)?.count, again.path('udp').failuresInARow], [undefined, 0])
  await Promise.all([store.close(), later.close()])
})

test('the evidence of an unnamed network is dropped when the node leaves it', t => {
  const { history, attempt } = learning()
  attempt(second, silent)
  history.networkChanged('home')
  t.is(history.failures(second), undefined)
  attempt(third, silent)
  history.networkChanged()
  t.deepEqual([second, third].map(one => history.failures(one)), [undefined, undefined])
  history.networkChanged('home')
  t.is(history.failures(third)?.count, 1)
})
