import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { allDead, answeredBy, expectation, nextStart } from '../../src/stages/odds-pace.ts'
import { dose } from '../support/dose.ts'
import { LIKELY } from './beliefs.ts'
import type { Estimate } from '../../src/pipeline/types.ts'
import type { Expectation, Pending } from '../../src/stages/odds-pace.ts'

const likely = expectation(LIKELY)
const pending = (startedAt: number, rest: Partial<Pending> = {}): Pending => ({ expected: likely, startedAt, ...rest })

const share = fc.double({ min: 0, max: 1, noNaN: true })
const milliseconds = fc.double({ min: 0, max: 5_000, noNaN: true })
const lambda = fc.double({ min: 0.1, max: 1_000, noNaN: true })

/** Any that a history may give: also sure ones, and what takes no time at all */
const estimate: fc.Arbitrary<Estimate> = fc.record({
  success: share,
  valid: share,
  firstResponse: fc.record({ mu: fc.oneof(fc.double({ min: -3, max: 9, noNaN: true }), fc.constant(-Infinity)), sigma: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constant(0)) }),
  connect: milliseconds,
  roundTrips: fc.constantFrom({ first: 1, all: 1 }, { first: 1, all: 3 }, { first: 3, all: 5 }, { first: 9, all: 11 }, { first: 0, all: 0 })
})
const expected = estimate.map(expectation)
const silent: fc.Arbitrary<Pending> = fc.record({ expected, startedAt: fc.nat(5_000) })
const any: fc.Arbitrary<Pending> = fc.oneof(silent, fc.record({ expected, startedAt: milliseconds, firstResponseAt: milliseconds }))
const some = fc.array(any, { minLength: 1, maxLength: 6 })

/** By adding up the density of the logarithm, from as good as nothing on */
function integral ({ mu, sigma }: Pick<Expectation, 'mu' | 'sigma'>, age: number): number {
  const steps = 2_000
  const from = mu - 8 * sigma
  const width = Math.max(0, Math.log(age) - from) / steps

  return sum(Array.from({ length: steps }, (_, i) => {
    const deviation = (from + (i + 0.5) * width - mu) / sigma

    return Math.exp(-(deviation ** 2) / 2) / (sigma * Math.sqrt(2 * Math.PI)) * width
  }))
}

testProp('the share that has answered is the integral of the log-normal density', [fc.double({ min: 2, max: 7, noNaN: true }), fc.double({ min: 0.2, max: 1.5, noNaN: true }), fc.double({ min: 1, max: 3_000, noNaN: true })], (t, mu, sigma, age) => {
  t.true(Math.abs(answeredBy({ mu, sigma }, age) - integral({ mu, sigma }, age)) < 1e-6)
})

test('one that is pending is dead with the probability that Bayes gives it', t => {
  // half have answered: 0.05 / (0.05 + 0.95 / 2)
  t.true(Math.abs(allDead([pending(0)], 100) - 0.05 / 0.525) < 1e-6)
  t.true(Math.abs(allDead([pending(0), pending(0)], 100) - (0.05 / 0.525) ** 2) < 1e-6)
  t.true(Math.abs(allDead([pending(0)], 0) - 0.05) < 1e-9)
})

test('the next starts when it saves more than it costs', t => {
  // wait = 100 e^(2 x 0.5) = 271.83; 1 / (1 + 0.95 x 271.83 / 30) = 0.10408 = 0.05 / (1 - 0.95 F): F = 0.54695, 100 e^(0.5 x 0.118) = 106.1
  t.is(nextStart([pending(1_000)], likely, 30), 1_107)
})

test('one that is likely to be dead is not waited for', t => {
  const dead = expectation({ ...LIKELY, valid: 0.3 })

  t.is(nextStart([{ expected: dead, startedAt: 1_000 }], likely, 30), 1_000)
})

test('what is waited for is the answer of those that are pending, however slow the next is', t => {
  const relay = expectation({ ...LIKELY, firstResponse: { mu: Math.log(900), sigma: 0.5 } })

  t.is(nextStart([pending(1_000)], relay, 30), 1_107)
})

test('the handshake of one that has answered is given its time', t => {
  // 80 + 1.5 x 2 x 80 + 50
  t.is(nextStart([pending(1_000, { firstResponseAt: 1_080 })], likely, 30), 1_370)
  // 2 500 + 1.5 x 2 x 2 500 + 50: longer than the longest delay
  t.is(nextStart([pending(1_000, { firstResponseAt: 3_500 })], likely, 100), 11_050)
})

test('none where the first response is the connection, but 50 ms', t => {
  const quic = expectation({ ...LIKELY, roundTrips: { first: 1, all: 1 } })

  t.is(nextStart([{ expected: quic, startedAt: 1_000, firstResponseAt: 1_080 }], likely, 30), 1_130)
})

test('one that is held to be impossible starts all the same, 2 s after the one before at the latest', t => {
  const impossible = expectation({ ...LIKELY, valid: 0 })

  // 1 / (1 + 0.01 x 271.83 / 30) = 0.9169: F = 0.9952, 100 e^(0.5 x 2.592)
  t.is(nextStart([pending(1_000)], impossible, 30), 1_366)
  t.is(nextStart([pending(1_000, { firstResponseAt: 1_010 })], impossible, 30), 3_000)
})

test('one that is held to be sure is doubted when it does not answer', t => {
  const sure = expectation({ ...LIKELY, valid: 1 })

  // 0.01 / (1 - 0.99 F) = 0.10408: F = 0.9130, 100 e^(0.5 x 1.3597)
  t.is(nextStart([{ expected: sure, startedAt: 1_000 }], likely, 30), 1_198)
})

testProp('whatever is believed, there is a time, and it is bounded', [some, expected, fc.oneof(lambda, fc.constant(0))], (t, pending, next, lambda) => {
  const at = nextStart(pending, next, lambda)
  const newest = Math.max(...pending.map(({ startedAt }) => startedAt))

  t.true(at >= newest)
  t.true(at <= Math.max(newest + 2_000, ...pending.map(({ startedAt, firstResponseAt = startedAt, expected: { handshake } }) => startedAt + Math.max(0, firstResponseAt - startedAt) * handshake + 51)))
}, { numRuns: dose(1_000) })

testProp('whether the peer is online changes nothing', [fc.array(silent, { minLength: 1, maxLength: 6 }), expected, lambda, fc.double({ min: 0.01, max: 1, noNaN: true })], (t, pending, next, lambda, online) => {
  const newest = Math.max(...pending.map(({ startedAt }) => startedAt))
  const wait = Math.max(...pending.map(({ expected: { patience } }) => patience))
  const at = nextStart(pending, next, lambda)

  /** What is saved less what it costs, with the probability that the peer is online, given the silence until then */
  const worth = (now: number): number => {
    const noneValid = product(pending.map(({ expected: { valid } }) => 1 - valid))
    const noneAnswered = product(pending.map(({ expected, startedAt }) => 1 - expected.valid * answeredBy(expected, now - startedAt)))
    const silence = online * noneAnswered + 1 - online

    return online * noneValid * next.valid / silence * wait - lambda * online * (noneAnswered - noneValid) / silence
  }

  t.true(worth(at) > -1e-6 || at >= newest + 2_000)
  t.true(worth(at - 1) < 1e-6 || at === newest)
}, { numRuns: dose(1_000) })

testProp('all dead becomes more likely with time', [some, milliseconds, milliseconds], (t, pending, at, later) => {
  t.true(allDead(pending, at + later) >= allDead(pending, at) - 1e-6)
}, { numRuns: dose(1_000) })

testProp('the dearer a dial, the later', [some, expected, lambda, lambda], (t, pending, next, a, b) => {
  t.true(nextStart(pending, next, Math.max(a, b)) >= nextStart(pending, next, Math.min(a, b)))
})

testProp('the more likely the next is to answer, the earlier', [some, expected, lambda, share], (t, pending, next, lambda, less) => {
  t.true(nextStart(pending, { ...next, valid: next.valid * less }, lambda) >= nextStart(pending, next, lambda))
})

testProp('the more likely a pending one was to answer, the later', [some, expected, lambda, share], (t, [first, ...rest], next, lambda, less) => {
  const one = first as Pending
  const unlikely = { ...one, expected: { ...one.expected, valid: one.expected.valid * less } }

  t.true(nextStart([one, ...rest], next, lambda) >= nextStart([unlikely, ...rest], next, lambda) - 1)
})

function product (values: readonly number[]): number {
  return values.reduce((all, one) => all * one, 1)
}

function sum (values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}
