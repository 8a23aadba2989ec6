import test from 'ava'
import { rivalClaims, rowsOf, scoreClaims, targetClaims } from '../../../bench/simulate/claims.ts'
import { ALL, COLD, FIXED_100, FIXED_250, GO, HISTORY, ORACLE, OTHERS, STOCK, TOLD } from '../../../bench/simulate/dialers.ts'
import type { MeasuredFamily } from '../../../bench/simulate/claims.ts'
import type { Measurement } from '../../../bench/simulate/measure.ts'

function measurement (time: number, attempts: number, isFirst = true): Measurement {
  const outcome = { time, limit: 100, attempts, addresses: 8, connected: true, isFirst, isRelayed: false }

  return { reached: [outcome, outcome], unreachable: [] }
}

/** A family in which everybody is as good as claimed, but for what is given */
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

test('a dialer that is better than its rivals meets every claim', t => {
  t.true(isMet([...rivalClaims([family()]), ...scoreClaims([family()]), ...targetClaims([family()])]))
})

test('a row misses where the mean is over 3 % worse than that of the better rival, or the attempts are over 1.1 times those of goLike()', t => {
  const missed = (own: Measurement): number => rowsOf(family({ [COLD]: own })).filter(({ excess }) => excess > 1).length
  t.is(missed(measurement(205, 2.1)), 0)
  // the mean and p95
  t.is(missed(measurement(207, 2.1)), 2)
  t.is(missed(measurement(205, 2.3)), 1)
  t.is(missed(measurement(205, 8)), 2)
})

test('attempts are not compared where goLike() rarely connects at the first attempt', t => {
  const rows = rowsOf(family({ [GO]: measurement(200, 1, false), [COLD]: measurement(110, 4) }))
  t.false(rows.some(({ text }) => text.includes('at the first')))
  t.true(rows.every(({ excess }) => excess < 1))
})

test('three rows may miss, by 10 %', t => {
  const by = (time: number): MeasuredFamily => family({ [COLD]: measurement(time, 2) })
  t.true(isMet(rivalClaims([by(220)])))
  // two rows a family
  t.false(isMet(rivalClaims([by(220), by(220)])))
  t.false(isMet(rivalClaims([by(240)])))
})

test('a score that is lost in one of ten families is good enough, in two of ten it is not', t => {
  const lost = family({ [OTHERS]: measurement(400, 2) })
  const [, others] = scoreClaims([...Array.from({ length: 9 }, () => family()), lost])
  t.true(others?.isMet)
  t.false(scoreClaims([...Array.from({ length: 8 }, () => family()), lost, lost])[1]?.isMet)
})

test('where a rival is as good as the oracle a score within 5 % of it is as good', t => {
  const beside = (own: Measurement): boolean => isMet(scoreClaims([family({ [GO]: measurement(100, 1), [COLD]: own, [OTHERS]: own, [HISTORY]: own })]))
  t.true(beside(measurement(101, 1)))
  t.false(beside(measurement(102, 1)))
})

test('a regret or attempts over their target are not met', t => {
  t.false(isMet(targetClaims([family({ [TOLD]: measurement(122, 2) })])))
  t.false(isMet(targetClaims([family({ [TOLD]: measurement(110, 3.1) })])))
  t.deepEqual(targetClaims([family({}, 'of no target')]), [])
})

test('a dialer that was not measured is no dialer that meets a claim', t => {
  const { family: one, measured } = family()
  t.throws(() => scoreClaims([{ family: one, measured: new Map([...measured].filter(([name]) => name !== GO)) }]), { message: 'goLike() was not measured' })
})
