import { UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { address } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { History } from '../../src/history/history.ts'
import { DateClock } from '../../src/pipeline/date-clock.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { attempt, connects, EVEN, HOUR, learning, rounded, silent, systemError, tcp, to } from './learning.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const peer = await newPeer()
const one = to('/ip4/7.7.7.7/tcp/1', peer)

test('a cancelled attempt lowers the odds with the length of its silence, and is not a failure', async t => {
  const after = async (cancelled: number, heard?: number): Promise<number> => {
    const { history, attempt } = learning({ belief: { success: 0.5, online: 1 } })
    const peer = await newPeer()
    const one = tcp(1, peer)
    history.connected(peer)
    attempt(one, { cancelled, heard })
    t.is(history.failures(one), undefined)

    return rounded(history.estimate(one).success)
  }

  t.deepEqual([await after(0), await after(10), await after(80), await after(6_000), await after(6_000, 5_000)], [0.5, 0.498, 0.329, 0.16, 0.744])
})

test('an address that answered but did not connect is rated lower the longer its handshake is overdue', async t => {
  const after = async (cancelled: number): Promise<number[]> => {
    const { history, attempt } = learning({ belief: { success: 0.5, online: 1 } })
    const peer = await newPeer()
    const one = tcp(1, peer)
    attempt(one, { connects: 40, heard: 10 })
    const sibling = to('/ip4/7.7.1.2/tcp/1', peer)
    const before = history.estimate(sibling).success
    attempt(one, { cancelled, heard: 10 })
    t.is(history.failures(one), undefined)
    t.is(history.estimate(sibling).success, before)

    return [rounded(history.estimate(one).success)]
  }

  t.deepEqual([await after(20), await after(80), await after(200), await after(2_000)].flat(), [0.84, 0.828, 0.757, 0.631])
})

test('the expected connection time of an address that has never connected is at least the time after which it was given up', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  // a middlebox accepts each connection at once, and only one remote answers behind it
  attempt(tcp(1, peer), { cancelled: 500, heard: 1 })
  attempt(tcp(2, peer), { connects: 120, heard: 1 })
  attempt(tcp(3, peer), { cancelled: 2, heard: 1 })
  t.deepEqual([1, 2, 3].map(n => Math.round(history.estimate(tcp(n, peer)).connect)), [500, 120, 12])

  attempt(tcp(2, peer), { cancelled: 500, heard: 1 })
  t.is(Math.round(history.estimate(tcp(2, peer)).connect), 120)
})

test('a fault of this machine counts for nothing, and a missing route for the class only', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  const before = history.estimate(tcp(1, peer))
  attempt(tcp(1, peer), { fails: 0, error: systemError('EMFILE') })
  t.deepEqual(history.estimate(tcp(1, peer)), before)

  const ip6 = to('/ip6/2a01::1/tcp/1', peer)
  Array.from({ length: 10 }, () => { attempt(ip6, { fails: 0, error: systemError('ENETUNREACH') }) })
  t.is(history.failures(ip6), undefined)
  t.is(rounded(history.estimate(ip6).success), 0.143)
  t.deepEqual(history.path('ip6'), { successes: 0, failures: 1, failuresInARow: 1 })
})

test('an address where another peer answered is rated near zero until its own peer connects there', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  const one = tcp(1, peer)
  const wrong = Object.assign(new Error('Payload identity key A does not match expected remote identity key B'), { name: 'EncryptionFailedError' })
  attempt(one, { fails: 80, heard: 30, error: wrong })
  attempt(one, { fails: 80, heard: 30, error: wrong })

  t.like(history.failures(one), { count: 2, isWrongPeer: true })
  t.true(history.estimate(one).success < 0.01)
  t.true(history.estimate(one).valid < 0.01)
  // its siblings are not charged
  t.true(history.estimate(tcp(2, peer)).success > 0.25)

  history.connected(peer)
  t.is(history.failures(one), undefined)
  t.true(history.estimate(one).success > 0.1)
})

for (const [what, report, after, isRated] of [
  ['expires after an hour', undefined, HOUR, true],
  ['lasts for an hour', undefined, HOUR - 1, false],
  ['ends when mDNS reports the address again', { source: 'mdns', since: 1 }, 1, true],
  ['is not ended by an earlier report', { source: 'mdns', since: 0 }, 1, false],
  ['is not ended by the DHT', { source: 'dht', since: 1 }, 1, false],
  ['ends when a source that the application trusts reports the address again', { source: 'tracker', since: 1 }, 1, true]
] as const) {
  test(`a wrong-peer failure ${what}`, async t => {
    const { history, attempt, clock } = learning()
    history.trust = () => new Map([['tracker', 'configured']])
    const [peer, failedAt] = [await newPeer(), clock.now()]
    attempt(tcp(1, peer), { fails: 80, heard: 30, error: new UnexpectedPeerError('x') })
    await clock.advance(after)
    const { multiaddr } = tcp(1, peer)
    const named = candidate(multiaddr, peer, { provenance: report == null ? [] : [{ source: report.source, lastSeen: failedAt + report.since }] })
    t.is(history.estimate(named).valid > 0.3, isRated)
    t.is(history.failures(named)?.isWrongPeer, isRated && after < HOUR ? undefined : after < HOUR)
  })
}

test('an earlier report does not end a wrong-peer failure of a node that has slept, whose clock is behind the dates of reports', async t => {
  const clock = new VirtualClock(1_000_000_000)
  const dates = new DateClock(clock, () => clock.now() + 2 * HOUR)
  const history = new History(clock, EVEN, dates)
  const { multiaddr, id } = tcp(1, peer)
  const reportedAt = dates.now()
  await clock.advance(HOUR)
  attempt(history, clock.now(), tcp(1, peer), { fails: 80, heard: 30, error: new UnexpectedPeerError('x') })
  const failedAt = dates.now()

  const seen = (lastSeen: number): Candidate => candidate(multiaddr, peer, { provenance: [{ source: 'mdns', lastSeen }] })
  t.is(seen(reportedAt).id, id)
  t.deepEqual([reportedAt, failedAt, failedAt + 1].map(at => history.failures(seen(at))?.isWrongPeer), [true, true, undefined])
  t.deepEqual([reportedAt, failedAt, failedAt + 1].map(at => history.estimate(seen(at)).valid > 0.3), [false, false, true])
})

test('silence within the hour neither prolongs a wrong-peer failure nor outdates a report since', async t => {
  const { history, attempt, clock } = learning()
  const [peer, failedAt] = [await newPeer(), clock.now()]
  const one = tcp(1, peer)
  attempt(one, { fails: 80, heard: 30, error: new UnexpectedPeerError('x') })
  await clock.advance(HOUR / 2)
  attempt(one, silent)
  t.true(history.estimate(one).valid < 0.01)
  t.true(history.estimate(candidate(one.multiaddr, peer, { provenance: [{ source: 'mdns', lastSeen: failedAt + 1 }] })).valid > 0.3)

  await clock.advance(HOUR / 2)
  t.is(history.failures(one)?.isWrongPeer, false)
  t.true(history.estimate(one).valid > 0.2)
})

test('silence does not prolong a wrong-peer failure that has expired', async t => {
  const { history, attempt, clock } = learning()
  const one = tcp(1, await newPeer())
  attempt(one, { fails: 80, heard: 30, error: new UnexpectedPeerError('x') })
  await clock.advance(HOUR)
  attempt(one, silent)
  t.like(history.failures(one), { count: 2, isWrongPeer: false })
  t.true(history.estimate(one).valid > 0.2)
})

test('failures() counts since the last connection to the peer, in either direction', async t => {
  const { history, attempt, clock } = learning()
  const peer = await newPeer()
  const [one, two] = [tcp(1, peer), tcp(2, peer)]
  attempt(one, silent)
  attempt(one, silent)
  attempt(two, silent)
  t.deepEqual(history.failures(one), { count: 2, at: clock.now(), isWrongPeer: false })

  history.connected(peer)
  t.deepEqual([one, two].map(one => history.failures(one)), [undefined, undefined])

  attempt(one, silent)
  t.is(history.failures(one)?.count, 1)

  attempt(two, connects)
  t.is(history.failures(one), undefined)

  const loose = candidate(address(1))
  attempt(loose, silent)
  attempt(loose, silent)
  t.is(history.failures(loose)?.count, 2)
  attempt(loose, connects)
  t.is(history.failures(loose), undefined)
})

test('the estimate of an address where another peer answered is 0.001, also without evidence of its peer', t => {
  const { history, attempt } = learning()
  attempt(one, { fails: 80, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) })
  t.is(history.networks.current.peers.get(`${peer}`), undefined)
  t.is(history.estimate(one).valid, 0.001)
  t.is(history.estimate(one).strength, 4, 'as many observations as the class counts what is believed')
})

test('a failed handshake and a silent attempt each count as one failure of the class', t => {
  for (const ending of [{ fails: 80, heard: 30, error: systemError('ECONNRESET') }, { fails: 6_000 }]) {
    const { history, attempt } = learning()
    attempt(to('/ip4/7.7.7.7/tcp/1'), ending)
    // explains the silence: the host is online
    attempt(to('/ip4/7.7.7.7/udp/1/quic-v1'), connects)
    t.is(history.networks.current.classes.get('tcp public 4')?.outcomes.failures, 1)
  }
})

test('a callers\' timeout after an answer is a failure from twice the connection time on', t => {
  const error = Object.assign(new Error('x'), { name: 'TimeoutError' })

  for (const [elapsed, heard, count] of [[497, 80, undefined], [498, 80, 1], [497, undefined, 1]] as const) {
    const { history, attempt } = learning()
    attempt(one, { fails: elapsed, heard, error })
    t.is(history.failures(one)?.count, count, `${elapsed}`)
  }
})
