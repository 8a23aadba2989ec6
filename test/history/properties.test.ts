import { fc, testProp } from '@fast-check/ava'
import { TimeoutError } from '@libp2p/interface'
import { Facts } from '../../src/address/facts.ts'
import { History } from '../../src/history/history.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { dose } from '../support/dose.ts'
import { attempt, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { Clock } from '../../src/pipeline/clock.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const peers = await Promise.all([newPeer(), newPeer()])
const stranger = await newPeer()

const candidates: Candidate[] = [undefined, ...peers].flatMap(peer => [
  '/ip4/7.7.7.7/tcp/1', '/ip4/7.7.7.8/tcp/1', '/ip4/9.9.9.9/tcp/1', '/ip4/10.0.0.1/tcp/1/ws', '/ip4/127.0.0.1/tcp/1',
  '/ip6/2a01::1/tcp/1', '/ip6/2a01::1/udp/1/quic-v1', '/dns4/example.com/tcp/443/wss', '/memory/a', '/ip4/7.7.7.7/tcp/1/p2p-circuit'
].map(address => to(address, peer)))

const anyone = fc.constantFrom(...candidates)
const errors = [new TimeoutError('x'), new DOMException('x', 'TimeoutError'), systemError('ECONNREFUSED'), systemError('ENETUNREACH'), systemError('EMFILE'), new Error('x'), Object.assign(new Error('x'), { name: 'UnexpectedPeerError' })]
const duration = fc.oneof(fc.nat(10_000), fc.constantFrom(0, 0.001, 1e9, -5))
const heard = fc.option(duration, { nil: undefined })

const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.record({ connects: duration, heard }),
  fc.record({ fails: duration, error: fc.constantFrom(...errors), heard }),
  fc.record({ cancelled: duration, heard })
)

type Step = { candidate: Candidate, ending: Ending } | { connected: number } | { unreachable: number } | { passes: number } | { network: string | undefined }

const attempted = fc.record({ candidate: anyone, ending })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: attempted },
  fc.record({ connected: fc.nat(1) }),
  fc.record({ unreachable: fc.nat(1) }),
  { weight: 2, arbitrary: fc.record({ passes: fc.oneof(fc.nat(3_600_000), fc.constantFrom(-3_600_000, -1e12, 1e12, 1e15)) }) },
  fc.record({ network: fc.constantFrom('a', 'b', undefined) })
)

/** A clock that jumps forwards and backwards */
class WildClock implements Clock {
  time = 1e12
  now (): number { return this.time }
  setTimeout (): () => void { throw new Error('a history waits for nothing') }
}

interface Life {
  history: History
  clock: WildClock
}

function live (steps: readonly Step[]): Life {
  const clock = new WildClock()
  const history = new History(clock)

  for (const step of steps) {
    if ('candidate' in step) {
      attempt(history, clock.now(), step.candidate, step.ending)
    } else if ('passes' in step) {
      clock.time += step.passes
    } else if ('connected' in step) {
      history.connected(peers[step.connected] as typeof peers[0])
    } else if ('unreachable' in step) {
      history.unreachable(peers[step.unreachable] as typeof peers[0])
    } else {
      history.networkChanged(step.network)
    }
  }

  return { history, clock }
}

const steps = fc.array(step, { maxLength: 60 })

testProp('estimates are probabilities after random events and clock jumps', [steps], (t, steps) => {
  const { history } = live(steps)
  const isProbability = (value: number): boolean => value >= 0 && value <= 1

  for (const candidate of candidates) {
    const { success, valid, firstResponse: { mu, sigma }, connect, roundTrips } = history.estimate(candidate)
    t.true(isProbability(success) && isProbability(valid) && valid <= 0.97, `${success} ${valid}`)
    t.true(Number.isFinite(mu) && Number.isFinite(sigma) && sigma > 0, `${mu} ${sigma}`)
    t.true(Number.isFinite(connect) && connect > 0, `connect ${connect}`)
    t.true(roundTrips.all >= roundTrips.first)
    const { count, at } = history.failures(candidate) ?? { count: 1, at: 0 }
    t.true(Number.isInteger(count) && count > 0, `count ${count}`)
    t.true(Number.isFinite(at), `at ${at}`)
  }

  t.true(peers.every(peer => isProbability(history.online(peer))))

  for (const kind of ['udp', 'ip6'] as const) {
    t.true(Object.values(history.path(kind)).every(value => Number.isFinite(value) && value >= 0))
  }
}, { numRuns: dose(1_000) })

testProp('reading estimates changes nothing', [steps, anyone], (t, steps, candidate) => {
  const { history } = live(steps)
  const read = (): unknown => [history.estimate(candidate), history.failures(candidate), peers.map(peer => history.online(peer)), history.path('udp'), history.path('ip6')]

  t.deepEqual(read(), read())
}, { numRuns: dose(300) })

testProp('a success lowers no estimate, and a failure raises none', [steps, anyone, duration, heard, fc.constantFrom(...errors)], (t, steps, candidate, took, heard, error) => {
  const [before, better, worse] = Array.from({ length: 3 }, () => live(steps)) as [Life, Life, Life]
  // otherwise a refusal may end an outage
  ;[before, better, worse].forEach(({ history, clock }) => {
    history.received()
    // otherwise a success would explain failures of the same peer, or of the same host without a peer id
    peers.forEach(peer => { history.connected(peer) })
    candidates.filter(({ facts }) => facts.peer == null).forEach(one => { attempt(history, clock.now(), one, { connects: 1 }) })
  })
  attempt(better.history, better.clock.now(), candidate, { connects: took, heard })
  attempt(worse.history, worse.clock.now(), candidate, { fails: took, error, heard })

  for (const one of candidates) {
    const { success } = before.history.estimate(one)
    t.true(better.history.estimate(one).success >= success - 1e-12)
    t.true(worse.history.estimate(one).success <= success + 1e-12)
  }
}, { numRuns: dose(1_000) })

testProp('a cancelled attempt lowers no estimate more than a failure after the same silence', [steps, anyone, fc.nat(100_000)], (t, steps, candidate, silence) => {
  const before = live(steps).history
  const cancelled = live(steps)
  const failed = live(steps)
  attempt(cancelled.history, cancelled.clock.now(), candidate, { cancelled: silence })
  attempt(failed.history, failed.clock.now(), candidate, { fails: silence })

  for (const one of candidates) {
    t.true(cancelled.history.estimate(one).success >= failed.history.estimate(one).success - 1e-12)
    t.true(cancelled.history.estimate(one).success <= before.estimate(one).success + 1e-12)
  }

  t.deepEqual(cancelled.history.failures(candidate), before.failures(candidate))
  t.deepEqual(cancelled.history.path('ip6'), before.path('ip6'))
}, { numRuns: dose(1_000) })

const unanswered = fc.record({
  candidate: fc.constantFrom(...candidates.filter(({ id }) => !/^.memory|127/.test(id))),
  took: fc.nat(10_000),
  error: fc.option(fc.constantFrom(new TimeoutError('x'), new Error('x'), systemError('ENETUNREACH'), systemError('ENOTFOUND'), systemError('EMFILE')), { nil: undefined }),
  unreachable: fc.option(fc.nat(1), { nil: undefined })
})

testProp('after an outage the history equals one without it', [steps, fc.array(unanswered, { maxLength: 30 })], (t, steps, outage) => {
  const [affected, other] = [live(steps), live(steps)]
  affected.history.received()
  other.history.received()
  affected.clock.time += 10_000
  attempt(affected.history, affected.clock.now(), candidates[0] as Candidate, { fails: 6_000 })

  for (const { candidate, took, error, unreachable } of outage) {
    affected.clock.time += took
    attempt(affected.history, affected.clock.now(), candidate, error == null ? { cancelled: took } : { fails: took, error })

    if (unreachable != null) {
      affected.history.unreachable(peers[unreachable] as typeof peers[0])
    }
  }

  other.clock.time = affected.clock.time
  affected.history.connected(stranger)
  other.history.connected(stranger)
  const read = ({ history }: Life): unknown => [candidates.map(one => [history.estimate(one), history.failures(one)]), peers.map(peer => history.online(peer)), history.path('udp'), history.path('ip6')]

  t.deepEqual(read(affected), read(other))
}, { numRuns: dose(500) })

testProp('tables stay bounded after 25,000 peers, and keep at least half', [fc.nat(255)], (t, first) => {
  const clock = new WildClock()
  const history = new History(clock)

  for (let n = 0; n < 25_000; n++) {
    const address = `/ip4/${(n >> 16) + 1}.${(n >> 8) & 255}.${n & 255}.${first}/tcp/1/p2p/Qm${n}`
    // a peer and prefix for each address. Strings, because parsing an address takes a hundred times as long
    const components = [{ code: 4, name: 'ip4', value: address.split('/')[2] }, { code: 6, name: 'tcp', value: '1' }, { code: 421, name: 'p2p', value: `Qm${n}` }]
    const multiaddr = { getComponents: () => components } as unknown as Multiaddr
    attempt(history, clock.now(), { id: address, multiaddr, facts: new Facts(multiaddr), isCertified: false, provenance: [] }, { fails: 10 })
  }

  const { addresses, peers, prefixes, classes } = history.networks.current
  t.deepEqual([[...addresses].length <= 10_000, [...peers].length <= 10_000, [...prefixes].length <= 2_000, [...classes].length], [true, true, true, 1])
  t.deepEqual([[...addresses].length >= 5_000, [...peers].length >= 5_000, [...prefixes].length >= 1_000], [true, true, true])
}, { numRuns: dose(2, 1) })
