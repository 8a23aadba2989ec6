import test from 'ava'
import { address, newPeer } from '../helpers/scripted.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { connects, HOUR, learning, MINUTE, silent, systemError, to } from './learning.ts'
import type { Estimate } from '../../src/pipeline/types.ts'

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
const median = ({ firstResponse: { mu } }: Estimate): number => rounded(Math.exp(mu))

/** Returns an address in the nth prefix. All have the same path class */
const tcp = (n: number, peer?: Awaited<ReturnType<typeof newPeer>>): ReturnType<typeof to> => to(`/ip4/7.7.${n}.1/tcp/4001`, peer)

test('estimate() of an unknown address returns the belief', t => {
  const { history } = learning({ belief: { success: 0.6, online: 0.8, roundTrip: 50, spread: 0.5 } })
  const { success, valid, firstResponse, connect, roundTrips } = history.estimate(to('/ip4/7.7.7.7/tcp/1/ws'))

  t.deepEqual([success, rounded(valid), firstResponse.sigma, rounded(connect), roundTrips], [0.6, 0.75, 0.5, 50 * 4 + 11, { first: 2, all: 4 }])
  t.is(rounded(Math.exp(firstResponse.mu)), 100)
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

test('evidence decays by half in six hours for an address, and in ten minutes for a class', t => {
  const { history, attempt, clock } = learning({ belief: { success: 0.5, online: 1 } })
  const one = tcp(1)
  attempt(one, connects)
  const fresh = history.estimate(tcp(2)).success
  t.is(fresh, 0.6)

  return clock.advance(10 * MINUTE).then(async () => {
    // (0.5 + 4 x 0.5) / (0.5 + 4)
    t.is(rounded(history.estimate(tcp(2)).success), 0.556)
    await clock.advance(6 * HOUR - 10 * MINUTE)
    // the class's evidence has decayed: (0.5 + 2 x 0.5) / (0.5 + 2)
    t.is(rounded(history.estimate(one).success), 0.6)
  })
})

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

test('a callers\' timeout before an expected answer is not a failure, and a later one is', async t => {
  const ended = async (fails: number, error: Error, heard?: number): Promise<number | undefined> => {
    const { history, attempt } = learning()
    const one = tcp(1, await newPeer())
    attempt(one, { fails, error, heard })

    return history.failures(one)?.count
  }
  const timeout = (): Error => new DOMException('The operation was aborted due to timeout', 'TimeoutError')

  t.deepEqual([await ended(100, timeout()), await ended(3_000, timeout()), await ended(200, timeout(), 80), await ended(3_000, timeout(), 80)], [undefined, 1, undefined, 1])
})

test('the round trip is that of the address, else of its prefix, else of its network', t => {
  const { history, attempt } = learning()
  const one = to('/ip4/7.7.7.7/tcp/1')
  attempt(one, { connects: 69, heard: 20 })

  t.is(median(history.estimate(one)), 20)
  t.is(rounded(history.estimate(one).connect), 69)
  t.is(median(history.estimate(to('/ip4/7.7.7.8/tcp/1'))), 20)
  t.is(rounded(history.estimate(to('/ip4/7.7.7.8/tcp/1')).connect), 69)
  // WebSockets needs twice as many round trips for its first response
  t.is(median(history.estimate(to('/ip4/7.7.7.7/tcp/2/ws'))), 40)
  t.is(median(history.estimate(to('/ip4/7.7.7.7/udp/1/quic-v1'))), 20)
  // a third of the way, because the belief weighs two samples
  const inBetween = rounded(80 ** (2 / 3) * 20 ** (1 / 3))
  t.deepEqual(['/ip4/9.9.9.9/tcp/1', '/ip6/2a01::1/udp/1/quic-v1'].map(address => median(history.estimate(to(address)))), [inBetween, inBetween])
  t.is(median(history.estimate(to('/ip4/192.168.1.1/tcp/1'))), 80)
})

test('the round trip is measured from a QUIC connection or a TCP refusal too', t => {
  const { history, attempt } = learning()
  const [quic, refused, slow] = [to('/ip4/7.7.7.7/udp/1/quic-v1'), to('/ip4/8.8.8.8/tcp/1'), to('/ip4/9.9.9.9/tcp/1')]
  attempt(quic, { connects: 34 })
  attempt(refused, { fails: 25, error: systemError('ECONNREFUSED') })
  attempt(slow, silent)

  t.deepEqual([quic, refused].map(one => median(history.estimate(one))), [30, 25])
  t.not(median(history.estimate(slow)), 6_000)
})

test('steady round trips narrow the expected spread, and jumps widen it', t => {
  const { history, attempt } = learning()
  const one = tcp(1)
  const sigma = (): number => history.estimate(one).firstResponse.sigma
  Array.from({ length: 30 }, () => { attempt(one, { connects: 300, heard: 100 }) })
  t.is(sigma(), 0.15)

  Array.from({ length: 3 }, () => { attempt(one, { connects: 1_200, heard: 400 }) })
  t.true(sigma() > 0.5)
})

test('no round trip is measured for memory addresses', t => {
  const { history, attempt } = learning()
  const one = to('/memory/a')
  attempt(one, { connects: 2, heard: 1 })
  const { firstResponse, connect } = history.estimate(one)

  t.deepEqual([Math.exp(firstResponse.mu), rounded(connect)], [1, 2])
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

test('path() counts public addresses of a kind and ignores cancelled attempts', t => {
  const { history, attempt, clock } = learning()
  attempt(to('/ip4/7.7.7.7/udp/1/quic-v1'), silent)
  attempt(to('/ip6/2a01::1/udp/1/quic-v1'), silent)
  attempt(to('/ip6/2a01::1/tcp/1'), connects)
  attempt(to('/ip4/10.0.0.1/udp/1/quic-v1'), silent)
  attempt(to('/ip6/fd00::1/udp/1/quic-v1'), silent)
  attempt(to('/ip4/7.7.7.8/udp/1/quic-v1'), { cancelled: 6_000 })

  t.deepEqual(history.path('udp'), { successes: 0, failures: 2, failuresInARow: 2 })
  t.deepEqual(history.path('ip6'), { successes: 1, failures: 1, failuresInARow: 0 })

  return clock.advance(10 * MINUTE).then(() => {
    t.deepEqual(history.path('ip6'), { successes: 0.5, failures: 0.5, failuresInARow: 0 })
  })
})

test('evidence of a network is restored when the node returns to it', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  const one = tcp(1, peer)
  const unknown = history.estimate(one)
  attempt(one, silent)
  history.networkChanged('home')
  t.deepEqual(history.estimate(one), unknown)

  attempt(one, connects)
  const home = history.estimate(one)
  history.networkChanged('café')
  t.deepEqual([history.estimate(one), history.online(peer)], [unknown, 0.75])

  history.networkChanged('home')
  t.deepEqual(history.estimate(one), home)

  // the network without a name was forgotten
  history.networkChanged()
  t.deepEqual(history.estimate(one), unknown)
})

test('the ninth network replaces the estimates of the first', t => {
  const { history, attempt } = learning()
  const learnt = (n: number): boolean => {
    history.networkChanged(`${n}`)
    return history.estimate(tcp(1)).success > 0.5
  }

  for (let n = 0; n < 9; n++) {
    history.networkChanged(`${n}`)
    attempt(tcp(1), connects)
  }

  t.true(learnt(1))
  t.true(learnt(8))
  t.false(learnt(0))
})
