import { mean, quantile } from '../network/statistics.ts'
import { ALL, FIXED_250, GO, HISTORY, ORACLE, OURS, RIVALS, TOLD } from './dialers.ts'
import { summaryOf } from './summary.ts'
import type { Claim } from '../claims.ts'
import type { Statistic } from '../network/statistics.ts'
import type { Family } from './families.ts'
import type { Measurement, Outcome } from './measure.ts'

export interface MeasuredFamily {
  readonly family: Family
  /** The measurements by the name of the dialer */
  readonly measured: ReadonlyMap<string, Measurement>
}

/** Factors. A dialer may take SLOWER times as long as the better of the fixed delay and goLike(), and make MORE times the attempts of goLike() */
const SLOWER = 1.03
const MORE = 1.1
/** The maximum excess of a row, and the maximum number of rows with an excess above 1 */
const MISSED = 1.1
const ROWS_THAT_MISS = 3

/** A family counts as "connects at the first attempt" if this share of the connections is to the first dialled address */
const AT_FIRST = 0.8

/** A rival as good as the oracle, up to the rounding of the clock, cannot be beaten: a score within this factor counts as equal */
const AS_GOOD = 1.05
const ROUNDING = 0.1

/** The share of families in which the score has to be the best */
const WON = 0.9

/** The maximum regret in milliseconds, and the maximum number of attempts, of a dialer that is told about the scenario */
const TARGETS = [
  { family: 'S2', dialer: TOLD, regret: 21, attempts: 3 },
  { family: 'S3', dialer: TOLD, regret: 53, attempts: 6.3 },
  { family: 'S5', dialer: TOLD, regret: 5 },
  { family: 'S1', dialer: HISTORY, regret: 40, attempts: 1.3 }
]

/** A comparison of one dialer of this package with its rivals in one family */
export interface Row {
  readonly text: string
  /** The value as a multiple of the limit. The row is met if it is at most 1 */
  readonly excess: number
}

/** Compares mean, p95 and attempts with the rivals in a family */
export function rowsOf ({ family: { name }, measured }: MeasuredFamily): Row[] {
  const isCompared = connectsAtFirst(outcomesOf(measured, GO))

  return OURS.flatMap(ours => [timeRow(ours, 'mean', mean), timeRow(ours, 'p95', quantile(0.95)), attemptsRow(ours), allRow(ours)].filter(row => row != null))

  function timeRow (ours: string, what: string, statistic: Statistic): Row {
    const [time = NaN, ...rivals] = [ours, FIXED_250, GO].map(dialer => statistic(outcomesOf(measured, dialer).map(({ time }) => time)))
    const best = Math.min(...rivals)

    return { text: `${name}, ${ours}: ${what} ${ms(time)}, the best of ${FIXED_250} and ${GO} ${ms(best)}`, excess: time / (best * SLOWER) }
  }

  function attemptsRow (ours: string): Row | undefined {
    const [own, allowed] = [attemptsOf(measured, ours), attemptsOf(measured, GO) * MORE]

    return isCompared ? { text: `${name}, ${ours}: ${own.toFixed(2)} attempts where ${GO} connects at the first, at most ${allowed.toFixed(2)}`, excess: own / allowed } : undefined
  }

  function allRow (ours: string): Row {
    const [own, most] = [attemptsOf(measured, ours), attemptsOf(measured, ALL)]

    // the added amount makes an equal number of attempts a miss
    return { text: `${name}, ${ours}: ${own.toFixed(2)} attempts, fewer than ${most.toFixed(2)} of all at once`, excess: own / most + 1e-9 }
  }
}

/** Claims that mean, p95 and attempts are as good as the rivals', in all rows but a few */
export function rivalClaims (families: readonly MeasuredFamily[]): Claim[] {
  const missed = families.flatMap(rowsOf).filter(({ excess }) => !(excess <= 1))
  const isFar = missed.some(({ excess }) => !(excess <= MISSED))

  return [{
    text: `mean and p95 at most 3 % worse than the best of ${FIXED_250} and ${GO}, at most 1.1 times the attempts of ${GO} where that connects at the first attempt (80 % of its connections), fewer attempts than all at once: ${missed.length} rows miss (${ROWS_THAT_MISS} may, by 10 %)${missed.map(({ text, excess }) => `\n  - ${text}: ${percent(excess - 1)} too much`).join('')}`,
    isMet: missed.length <= ROWS_THAT_MISS && !isFar
  }]
}

/** Claims that the score beats every rival's in nearly all families. Within 5 % of a rival that is as good as the oracle counts too */
export function scoreClaims (families: readonly MeasuredFamily[], of = 'the families'): Claim[] {
  return OURS.map(ours => {
    const lost = families.flatMap(({ family: { name }, measured }) => {
      const own = summaryOf(measurementOf(measured, ours)).score
      const [best] = RIVALS.map(rival => ({ rival, score: summaryOf(measurementOf(measured, rival)).score })).toSorted((a, b) => a.score - b.score)

      const isOptimal = best != null && best.score <= summaryOf(measurementOf(measured, ORACLE)).score + ROUNDING

      return best != null && (isOptimal ? own <= best.score * AS_GOOD : own < best.score) ? [] : [`${name}: ${own.toFixed(0)}, ${best?.rival} ${best?.score.toFixed(0)}`]
    })
    const share = 1 - lost.length / families.length

    return {
      text: `${ours}: the best score of all in ${percent(share)} of ${of} (90 % are claimed)${lost.map(line => `\n  - ${line}`).join('')}`,
      isMet: share >= WON
    }
  })
}

/** Claims that a dialer with knowledge comes as close to the limit as a simulation of the rule alone did */
export function targetClaims (families: readonly MeasuredFamily[]): Claim[] {
  return TARGETS.flatMap(({ family, dialer, regret: most, attempts: allowed = Infinity }) => {
    const found = families.find(({ family: { name } }) => name === family)

    if (found == null) {
      return []
    }

    const { regret, attempts } = summaryOf(measurementOf(found.measured, dialer))

    return [{
      text: `${family}, ${dialer}: regret ${ms(regret)} with ${attempts.toFixed(2)} attempts, at most ${most} ms${allowed === Infinity ? '' : ` with ${allowed}`}`,
      isMet: regret <= most && attempts <= allowed
    }]
  })
}

function connectsAtFirst (outcomes: readonly Outcome[]): boolean {
  return mean(outcomes.map(({ isFirst }) => Number(isFirst))) >= AT_FIRST
}

function measurementOf (measured: MeasuredFamily['measured'], dialer: string): Measurement {
  const found = measured.get(dialer)

  if (found == null) {
    throw new Error(`${dialer} was not measured`)
  }

  return found
}

function outcomesOf (measured: MeasuredFamily['measured'], dialer: string): readonly Outcome[] {
  return measurementOf(measured, dialer).reached
}

function attemptsOf (measured: MeasuredFamily['measured'], dialer: string): number {
  return mean(outcomesOf(measured, dialer).map(({ attempts }) => attempts))
}

function ms (time: number): string {
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`
}

function percent (share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
