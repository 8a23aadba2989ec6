import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { HeadStart, nextStartAt } from '../../src/stages/odds-pace.ts'
import { answeredBy, expectation, oddsAt, validAfter } from '../../src/stages/odds.ts'
import { dose } from '../support/dose.ts'
import { LIKELY } from './beliefs.ts'
import type { Estimate } from '../../src/pipeline/types.ts'
import type { Expectation, Pending } from '../../src/stages/odds.ts'

const allDead = (pending: readonly Pending[], at: number): number => oddsAt(pending, at, 0).none

/** All have the same site, so that none is faster */
const SITE = { transport: 'tcp', isRelayed: false, prefix: '203.0.113' } as const
const likely = expectation(LIKELY, SITE)
const pending = (startedAt: number, rest: Partial<Pending> = {}): Pending => ({ expected: likely, startedAt, ...rest })

const share = fc.double({ min: 0, max: 1, noNaN: true })
const milliseconds = fc.double({ min: 0, max: 5_000, noNaN: true })
const costPerDial = fc.double({ min: 0.1, max: 1_000, noNaN: true })

/** Any valid estimate, including certain ones and times of zero */
const estimate: fc.Arbitrary<Estimate> = fc.record({
  success: share,
  valid: share,
  firstResponse: fc.record({ mu: fc.oneof(fc.double({ min: -3, max: 9, noNaN: true }), fc.constant(-Infinity)), sigma: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constant(0)) }),
  connect: milliseconds,
  roundTrips: fc.constantFrom({ first: 1, all: 1 }, { first: 1, all: 3 }, { first: 3, all: 5 }, { first: 9, all: 11 }, { first: 0, all: 0 })
})
const expected = estimate.map(estimate => expectation(estimate))
const silent: fc.Arbitrary<Pending> = fc.record({ expected, startedAt: fc.nat(5_000) })
const any: fc.Arbitrary<Pending> = fc.oneof(silent, fc.record({ expected, startedAt: milliseconds, firstResponseAt: milliseconds }))
const some = fc.array(any, { minLength: 1, maxLength: 6 })

test('an address is awaited for 10 ms to 2 s, whatever its round trip', t => {
  const patienceOf = (mu: number): number => expectation({ ...LIKELY, firstResponse: { mu, sigma: 0.1 } }).patience
  t.deepEqual([patienceOf(-3), patienceOf(-Infinity), patienceOf(20)], [10, 10, 2_000])
})

/** Integrates the density of the logarithm from eight sigmas below the mean */
function integral ({ mu, sigma }: Pick<Expectation, 'mu' | 'sigma'>, age: number): number {
  const steps = 2_000
  const from = mu - 8 * sigma
  const width = Math.max(0, Math.log(age) - from) / steps

  return sum(Array.from({ length: steps }, (_, i) => {
    const deviation = (from + (i + 0.5) * width - mu) / sigma

    return Math.exp(-(deviation ** 2) / 2) / (sigma * Math.sqrt(2 * Math.PI)) * width
  }))
}

testProp('answeredBy() is the integral of the log-normal density', [fc.double({ min: 2, max: 7, noNaN: true }), fc.double({ min: 0.2, max: 1.5, noNaN: true }), fc.double({ min: 1, max: 3_000, noNaN: true })], (t, mu, sigma, age) => {
  t.true(Math.abs(answeredBy({ mu, sigma }, age) - integral({ mu, sigma }, age)) < 1e-6)
})

test('allDead() of a pending attempt follows Bayes\' rule', t => {
  // half have answered: 0.05 / (0.05 + 0.95 / 2)
  t.true(Math.abs(allDead([pending(0)], 100) - 0.05 / 0.525) < 1e-6)
  t.true(Math.abs(allDead([pending(0), pending(0)], 100) - (0.05 / 0.525) ** 2) < 1e-6)
  t.true(Math.abs(allDead([pending(0)], 0) - 0.05) < 1e-9)
})

test('nextStartAt() is when waiting costs more than it saves', t => {
  // 95 and 99 % of live addresses have answered by then
  t.is(nextStartAt([pending(1_000)], likely, 30), 1_140)
  t.is(nextStartAt([pending(1_000)], likely, 100), 1_156)
})

test('nextStartAt() does not wait for an attempt that is probably dead', t => {
  const dead = expectation({ ...LIKELY, valid: 0.3 })

  t.is(nextStartAt([{ expected: dead, startedAt: 1_000 }], likely, 30), 1_000)
})

test('nextStartAt() starts the second attempt at once and the third after a delay when round trips are unknown', t => {
  const unknown = expectation({ ...LIKELY, firstResponse: { mu: Math.log(80), sigma: 0.7 } })
  const [one, other] = [0, 10].map(startedAt => ({ expected: unknown, startedAt })) as [Pending, Pending]

  t.is(nextStartAt([one], unknown, 30), 0)
  t.true(nextStartAt([one, other], unknown, 30) > 60)
})

test('nextStartAt() waits at the same site, unless the next needs fewer round trips', t => {
  const [tcp, quic] = [3, 1].map(all => expectation({ ...LIKELY, connect: 80 * all, firstResponse: { mu: Math.log(80), sigma: 0.7 }, roundTrips: { first: 1, all } }, SITE)) as [Expectation, Expectation]
  const after = (one: Expectation, next: Expectation): number => nextStartAt([{ expected: one, startedAt: 0 }], next, 30)

  t.is(after(tcp, { ...tcp, site: '198.51.100' }), 0)
  t.true(after(tcp, tcp) > 80)
  t.is(after(tcp, quic), 0)
})

test('nextStartAt() waits before a slower transport', t => {
  const [quic, tcp] = [1, 3].map(all => expectation({ ...LIKELY, connect: 80 * all, firstResponse: { mu: Math.log(80), sigma: 0.7 }, roundTrips: { first: 1, all } })) as [Expectation, Expectation]

  t.true(nextStartAt([{ expected: quic, startedAt: 0 }], tcp, 30) > 80)
  t.is(nextStartAt([{ expected: tcp, startedAt: 0 }], quic, 30), 0)
})

test('nextStartAt() is later for a dearer transport', t => {
  const slow = { ...LIKELY, connect: 1_600, firstResponse: { mu: Math.log(900), sigma: 0.2 }, roundTrips: { first: 9, all: 11 } }
  const [tcp = NaN, circuit = NaN, webrtc = NaN] = (['tcp', 'circuit', 'webrtc'] as const).map(transport => nextStartAt([pending(0)], expectation(slow, { transport, isRelayed: transport !== 'tcp', prefix: '203.0.113' }), 30))

  t.true(tcp < circuit && circuit <= webrtc, `${tcp} ${circuit} ${webrtc}`)
})

test('nextStartAt() gives an attempt that answered time for its handshake', t => {
  // 80 + 1.5 x 2 x 80 + 50, within 3 %
  const after = nextStartAt([pending(1_000, { firstResponseAt: 1_080 })], likely, 30) - 1_000
  t.true(after >= 370 && after < 370 * 1.03, `${after}`)
})

test('nextStartAt() does not wait for an attempt that answered later than the next probably will', t => {
  const late = [pending(1_000, { firstResponseAt: 1_240 })]

  t.is(nextStartAt(late, { ...likely, site: '198.51.100' }, 30), 1_240)
  // an address of the same site takes as long
  t.true(nextStartAt(late, likely, 30) > 2_000)
})

test('nextStartAt() waits 50 ms when the first response is the connection', t => {
  const quic = expectation({ ...LIKELY, connect: 100, roundTrips: { first: 1, all: 1 } })

  t.is(nextStartAt([{ expected: quic, startedAt: 1_000, firstResponseAt: 1_080 }], likely, 30), 1_130)
})

test('nextStartAt() of an impossible address is when the handshake before it is overdue', t => {
  const impossible = expectation({ ...LIKELY, valid: 0 })
  const after = nextStartAt([pending(1_000)], impossible, 30)

  t.true(after > 1_150 && after < 1_300, `${after}`)
  t.is(nextStartAt([pending(1_000, { firstResponseAt: 1_010 })], impossible, 30), 1_090)
})

test('nextStartAt() is within a minute, even when a handshake may take longer', t => {
  t.is(nextStartAt([pending(1_000, { firstResponseAt: 21_000 })], expectation({ ...LIKELY, valid: 0 }), 30), 61_000)
})

test('nextStartAt() is soon beside seven overdue handshakes', t => {
  const overdue = Array.from({ length: 7 }, () => pending(1_000, { firstResponseAt: 1_001 }))

  t.true(nextStartAt(overdue, likely, 30) < 1_100)
})

test('nextStartAt() doubts a sure attempt that does not answer', t => {
  const sure = expectation({ ...LIKELY, valid: 1 }, SITE)
  const after = nextStartAt([{ expected: sure, startedAt: 1_000 }], likely, 30)

  t.true(after > 1_140 && after < 1_250, `${after}`)
})

test('failures in a dial lower weak beliefs, and not strong ones', t => {
  const [loose, firm] = [4, 400].map(strength => expectation({ ...LIKELY, strength }, SITE)) as [Expectation, Expectation]
  const after = (expected: Expectation, failed: number): number => nextStartAt([{ expected, startedAt: 0 }], expected, 30, failed)

  t.true(after(loose, 2) < after(loose, 0))
  t.true(Math.abs(after(firm, 2) - after(firm, 0)) <= 4)
  // (0.95 x 4) / (4 + 2)
  t.true(Math.abs(validAfter(loose, 2) - 0.6333) < 1e-3)
  t.is(validAfter(likely, 100), 0.95)
})

testProp('the gain of a head start equals the numeric mean within 30 %', [fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.double({ min: 4, max: 5, noNaN: true }), fc.nat(200), fc.integer({ min: 20, max: 400 })], (t, sigma, other, mu, age, wait) => {
  const [one, next] = [{ mu: Math.log(80), sigma }, { mu, sigma: other }].map(firstResponse => expectation({ ...LIKELY, valid: 0.9, firstResponse, connect: 3 * Math.exp(firstResponse.mu) })) as [Expectation, Expectation]
  const pending = [{ expected: one, startedAt: 0 }]
  const odds = oddsAt(pending, age, 0)
  const [gained = NaN] = new HeadStart(pending, next, age, [wait]).at(age, odds)
  const before = answeredBy(one, age)
  let area = 0

  for (let after = 0.5; after < 5_000; after++) {
    const connected = before >= 1 ? 1 : Math.max(0, (answeredBy(one, (age + after) / 3) - before) / (1 - before))
    area += (1 - odds.none) * (1 - connected) * (answeredBy(next, after / 3) - answeredBy(next, (after - wait) / 3))
  }

  // the estimate from a few points and 49 of 50 answers is accurate enough to decide
  t.true(Math.abs(gained - area) < 15 + 0.3 * area, `${gained} ${area}`)
}, { numRuns: dose(300) })

testProp('nextStartAt() is a bounded time for any beliefs', [some, expected, fc.oneof(costPerDial, fc.constant(0))], (t, pending, next, costPerDial) => {
  const at = nextStartAt(pending, next, costPerDial)
  const newest = Math.max(...pending.map(({ startedAt }) => startedAt))

  const heard = pending.map(({ firstResponseAt = newest }) => firstResponseAt)
  t.true(at >= newest)
  t.true(at <= Math.max(newest + 2_000, ...heard.map(at => at + 1), ...pending.map(({ startedAt, firstResponseAt = startedAt, expected: { handshake } }) => startedAt + Math.max(0, firstResponseAt - startedAt) * handshake + 51)))
}, { numRuns: dose(1_000) })

testProp('allDead() grows with time', [some, milliseconds, milliseconds], (t, pending, at, later) => {
  t.true(allDead(pending, at + later) >= allDead(pending, at) - 1e-6)
}, { numRuns: dose(1_000) })

testProp('nextStartAt() is later with a higher costPerDial', [some, expected, costPerDial, costPerDial], (t, pending, next, a, b) => {
  t.true(nextStartAt(pending, next, Math.max(a, b)) >= nextStartAt(pending, next, Math.min(a, b)))
})

testProp('nextStartAt() is earlier for a likelier next address', [some, expected, costPerDial, share], (t, pending, next, costPerDial, less) => {
  t.true(nextStartAt(pending, { ...next, valid: next.valid * less }, costPerDial) >= nextStartAt(pending, next, costPerDial))
})

testProp('nextStartAt() is later for a likelier pending attempt', [some, expected, costPerDial, share], (t, [first, ...rest], next, costPerDial, less) => {
  const one = first as Pending
  const unlikely = { ...one, expected: { ...one.expected, valid: one.expected.valid * less } }

  t.true(nextStartAt([one, ...rest], next, costPerDial) >= nextStartAt([unlikely, ...rest], next, costPerDial) - 1)
})

function sum (values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}
