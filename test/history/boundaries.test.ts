import test from 'ava'
import { answerTime } from '../../src/pipeline/dial-components.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, peerOfLength, silent, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'

const [peer, other] = await Promise.all([newPeer(), newPeer()])
const refused: Ending = { fails: 40, error: systemError('ECONNREFUSED') }
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

test('history learns whether a peer with an id of 256 characters is online', t => {
  const { history } = learning()
  const [first, second] = [peerOfLength(256), peerOfLength(255)]
  history.connected(first)
  history.unreachable(second)
  t.deepEqual([history.online(first) > 0.75, history.online(second) < 0.75], [true, true])

  history.unreachable(first)
  history.unreachable(first)
  t.true(history.online(first) < 0.75)
})

test('a timeout of the callers is a failure exactly when the expected answer time has passed', t => {
  const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError')

  for (const [early, count] of [[0.5, undefined], [0, 1]] as const) {
    const { history } = learning()
    const one = to('/ip4/7.7.7.7/tcp/1', peer)
    history.attempted({ candidate: one, startedAt: 0, endedAt: answerTime(history.estimate(one)) - early, isCancelled: false, error: timeout })
    t.is(history.failures(one)?.count, count)
  }
})

test('an attempt that connects within a millisecond counts as one connection, together with connected()', t => {
  const { history, attempt } = learning()
  history.connected(peer)
  attempt(to('/ip4/7.7.7.7/tcp/1', peer), { connects: 0 })

  // (1 + 2 x 0.75) / (1 + 2)
  t.is(rounded(history.online(peer)), 0.833)
})

test('a failed attempt that began as its peer connected counts against the path class', async t => {
  const { history, attempt, clock } = learning()
  const unknown = history.estimate(to('/ip4/9.9.9.9/tcp/1', other)).valid
  history.connected(peer)
  await clock.advance(6_000)
  attempt(to('/ip4/7.7.7.7/tcp/1', peer), silent)

  t.true(history.estimate(to('/ip4/9.9.9.9/tcp/1', other)).valid < unknown)
})

test('an attempt that began at the last sign of a network can be part of the next outage', async t => {
  const { history, attempt, clock } = learning()
  const addresses = [1, 2, 3].map(n => to(`/ip4/7.7.${n}.1/tcp/1`, peer))
  addresses.forEach(one => { attempt(one, connects) })
  history.received()
  await clock.advance(6_000)
  addresses.forEach(one => { attempt(one, silent) })
  t.deepEqual(addresses.map(one => history.failures(one)?.count), [1, 1, 1])
  history.connected(other)

  t.deepEqual(addresses.map(one => history.failures(one)?.count), [undefined, undefined, undefined])
})

test('an address with two equally trusted sources counts for the first', async t => {
  const { history, attempt } = learning()
  const provenance = [{ source: 'routing' }, { source: 'dht' }]
  attempt({ ...to('/ip4/7.7.7.7/tcp/1', peer), provenance }, refused)
  history.unreachable(peer)

  t.true(history.online(other, [{ source: 'routing' }]) < 0.75)
  t.is(history.online(other, [{ source: 'dht' }]), 0.75)
})

test('an answer of the peer attributes failures of less than a minute before to the address class', async t => {
  for (const [pause, isTold] of [[59_999, true], [60_000, false]] as const) {
    const { history, attempt, clock } = learning()
    const unknown = history.estimate(to('/ip4/9.9.9.9/tcp/1', other)).valid
    attempt(to('/ip4/7.7.7.7/tcp/1', peer), refused)
    await clock.advance(pause)
    history.connected(peer)

    t.is(history.estimate(to('/ip4/9.9.9.9/tcp/1', other)).valid < unknown, isTold, `${pause}`)
  }
})

test('an answer of the peer attributes at most 32 earlier failures', t => {
  const { history, attempt } = learning()
  Array.from({ length: 40 }, (_, n) => { attempt(to(`/ip4/7.7.${n}.7/tcp/1`, peer), refused) })
  history.connected(peer)

  t.is(history.networks.current.classes.get('tcp public 4')?.outcomes.failures, 32)
})
