import test from 'ava'
import { rivalClaims, rowsOf, scoreClaims, targetClaims } from '../../../bench/simulate/claims.ts'
import { ALL, COLD, FIXED_100, FIXED_250, GO, HISTORY, ORACLE, OTHERS, STOCK, TOLD } from '../../../bench/simulate/dialers.ts'
import type { MeasuredFamily } from '../../../bench/simulate/claims.ts'
import type { Measurement } from '../../../bench/simulate/measure.ts'

function measurement (time: number, attempts: number, isFirst = true): Measurement {
  const outcome = { time, limit: 100, attempts, addresses: 8, connected: true, isFirst, isRelayed: false }

  return { reached: [outcome, outcome], unreachable: [] }
}

/** Returns a family whose dialers meet the claims, except for the given measurements */
function family (others: Record<string, Measurement> = {}, name = 'S2'): MeasuredFamily {
  const measured = {
    [ORACLE]: measurement(100, 1),
    [STOCK]: measurement(500, 1),
    [FIXED_250]: measurement(300, 2),
    [FIXED_100]: measurement(250, 3),
    [GO]: measurement(200, 2),
    [ALL]: measurement(100, 8),
    [COLD]: measurement(110, 2),
    [OTHERS]: measurement(110, 2),
    [HISTORY]: measurement(110, 1),
    [TOLD]: measurement(110, 2),
    ...others
  }

  return { family: { name, title: name, network: { addresses: [] } }, measured: new Map(Object.entries(measured)) }
}

const isMet = (claims: ReadonlyArray<{ isMet: boolean }>): boolean => claims.every(({ isMet }) => isMet)

test('a dialer better than its rivals meets every claim', t => {
  t.true(isMet([...rivalClaims([family()]), ...scoreClaims([family()]), ...targetClaims([family()])]))
})

test('a row misses when its mean is 3 % over the better rival\'s, or its attempts are 1.1 times goLike()\'s', t => {
  const missed = (own: Measurement): number => rowsOf(family({ [COLD]: own })).filter(({ excess }) => excess > 1).length
  t.is(missed(measurement(205, 2.1)), 0)
  // both the mean and p95 miss
  t.is(missed(measurement(207, 2.1)), 2)
  t.is(missed(measurement(205, 2.3)), 1)
  t.is(missed(measurement(205, 8)), 2)
})

test('attempts are not compared when goLike() rarely connects at the first attempt', t => {
  const rows = rowsOf(family({ [GO]: measurement(200, 1, false), [COLD]: measurement(110, 4) }))
  t.false(rows.some(({ text }) => text.includes('at the first')))
  t.true(rows.every(({ excess }) => excess < 1))
})

test('rival claims hold when up to three rows miss by up to 10 %', t => {
  const by = (time: number): MeasuredFamily => family({ [COLD]: measurement(time, 2) })
  t.true(isMet(rivalClaims([by(220)])))
  // each family adds two rows
  t.false(isMet(rivalClaims([by(220), by(220)])))
  t.false(isMet(rivalClaims([by(240)])))
})

test('score claims hold when one of ten families is lost, and fail for two', t => {
  const lost = family({ [OTHERS]: measurement(400, 2) })
  const [, others] = scoreClaims([...Array.from({ length: 9 }, () => family()), lost])
  t.true(others?.isMet)
  t.false(scoreClaims([...Array.from({ length: 8 }, () => family()), lost, lost])[1]?.isMet)
})

test('a score within 5 % counts as equal when the rival equals the oracle', t => {
  const beside = (own: Measurement): boolean => isMet(scoreClaims([family({ [GO]: measurement(100, 1), [COLD]: own, [OTHERS]: own, [HISTORY]: own })]))
  t.true(beside(measurement(101, 1)))
  t.false(beside(measurement(102, 1)))
})

test('target claims fail for too much regret or too many attempts', t => {
  t.false(isMet(targetClaims([family({ [TOLD]: measurement(122, 2) })])))
  t.false(isMet(targetClaims([family({ [TOLD]: measurement(110, 3.1) })])))
  t.deepEqual(targetClaims([family({}, 'of no target')]), [])
})

test('scoreClaims() throws when a dialer was not measured', t => {
  const { family: one, measured } = family()
  t.throws(() => scoreClaims([{ family: one, measured: new Map([...measured].filter(([name]) => name !== GO)) }]), { message: 'goLike() was not measured' })
})
