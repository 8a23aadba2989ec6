import { Facts } from '../address/facts.ts'
import { failureOf } from '../pipeline/failure.ts'
import { METRICS, scrapedName } from './definitions.ts'
import { ReasonLabels } from './reason-labels.ts'
import type { MetricName } from './definitions.ts'
import type { AttemptEnd, DialObserver, ObservedAttempt, ObservedDial } from './observer.ts'
import type { DialHistory } from '../pipeline/types.ts'
import type { Connection, Counter, CounterGroup, HistogramGroup, Metrics } from '@libp2p/interface'

/** Dials with this many attempts or more share a label, as in go-libp2p */
const MAX_ATTEMPTS = 6

/** Counts dials, attempts and dropped addresses. Each label has a limited number of values */
export class DialMetrics implements DialObserver {
  readonly #history: Pick<DialHistory, 'estimate'>
  readonly #reasons = new ReasonLabels()
  /** The predicted probability of success, at the start of each attempt */
  readonly #predicted = new WeakMap<ObservedAttempt, number>()
  readonly #dials: CounterGroup
  readonly #connect: HistogramGroup
  readonly #dialAttempts: CounterGroup
  readonly #attempts: CounterGroup
  readonly #transportAttempts: CounterGroup
  readonly #attempt: HistogramGroup
  readonly #delay: HistogramGroup
  readonly #dropped: CounterGroup
  readonly #predictedAttempts: CounterGroup
  readonly #predictedConnections: CounterGroup
  readonly #preferredChanges: Counter
  readonly #additionalConnections: Counter

  constructor (metrics: Metrics, history: Pick<DialHistory, 'estimate'>) {
    const counters = (name: MetricName): CounterGroup => metrics.registerCounterGroup(scrapedName(name), METRICS[name])
    const histograms = (name: MetricName): HistogramGroup => metrics.registerHistogramGroup(scrapedName(name), METRICS[name])
    this.#history = history
    this.#dials = counters('dials_total')
    this.#connect = histograms('connect_seconds')
    this.#dialAttempts = counters('dial_attempts_total')
    this.#attempts = counters('attempts_total')
    this.#transportAttempts = counters('transport_attempts_total')
    this.#attempt = histograms('attempt_seconds')
    this.#delay = histograms('attempt_delay_seconds')
    this.#dropped = counters('addresses_dropped_total')
    this.#predictedAttempts = counters('predicted_attempts_total')
    this.#predictedConnections = counters('predicted_connections_total')
    this.#preferredChanges = metrics.registerCounter(scrapedName('preferred_changes_total'), METRICS.preferred_changes_total)
    this.#additionalConnections = metrics.registerCounter(scrapedName('additional_connections_total'), METRICS.additional_connections_total)
  }

  dialConnected ({ run }: ObservedDial, { remoteAddr }: Connection, now: number): void {
    if (run != null) {
      this.#connect.observe({ [new Facts(remoteAddr).transport]: (now - run.startedAt) / 1_000 })
    }
  }

  dialEnded ({ run }: ObservedDial): void {
    if (run == null) {
      return
    }

    const addresses = [...run.story.addresses.values()]
    const attempts = addresses.reduce((sum, { attempts }) => sum + attempts.filter(({ startedAt }) => startedAt != null).length, 0)
    this.#dials.increment({ [outcomeOf(run)]: 1 })
    this.#dialAttempts.increment({ [attempts < MAX_ATTEMPTS ? attempts : `>=${MAX_ATTEMPTS}`]: 1 })

    for (const { dropped } of addresses) {
      if (dropped != null) {
        this.#dropped.increment({ [this.#reasons.of(dropped.stage, dropped.reason)]: 1 })
      }
    }
  }

  attemptStarted (attempt: ObservedAttempt, at: number): void {
    const { candidate, dials } = attempt
    const began = Math.min(...Array.from(dials, ({ startedAt = at }) => startedAt))
    this.#predicted.set(attempt, this.#history.estimate(candidate).success)

    if (began < Infinity) {
      this.#delay.observe({ [candidate.facts.transport]: (at - began) / 1_000 })
    }
  }

  attemptEnded (attempt: ObservedAttempt, { outcome, startedAt, firstResponseAt, endedAt, error }: AttemptEnd): void {
    const { transport } = attempt.candidate.facts
    const elapsed = endedAt - startedAt
    this.#attempts.increment({ [outcome === 'failed' && error != null ? failureOf(error, elapsed, firstResponseAt != null) : outcome]: 1 })
    this.#transportAttempts.increment({ [`${transport} ${outcome}`]: 1 })

    if (outcome === 'connected') {
      this.#attempt.observe({ [transport]: elapsed / 1_000 })
    }

    if (outcome !== 'cancelled') {
      this.#countPrediction(this.#predicted.get(attempt), outcome === 'connected')
    }
  }

  preferredChanged (): void {
    this.#preferredChanges.increment()
  }

  connectionAdded (): void {
    this.#additionalConnections.increment()
  }

  #countPrediction (probability: number | undefined, hasConnected: boolean): void {
    if (probability != null) {
      const bin = binOf(probability)
      this.#predictedAttempts.increment({ [bin]: 1 })
      // a failure increments by 0, so that a bin in which all attempts fail has a value
      this.#predictedConnections.increment({ [bin]: Number(hasConnected) })
    }
  }
}

function outcomeOf ({ connection, error, isAborted }: NonNullable<ObservedDial['run']>): string {
  if (connection != null) {
    return 'connected'
  }

  return error?.name === 'TimeoutError' ? 'timeout' : isAborted === true ? 'aborted' : 'failed'
}

/** Returns the bin of a probability, in tenths: 0.0-0.1 to 0.9-1.0 */
function binOf (probability: number): string {
  const tenth = Math.min(9, Math.max(0, Math.floor(probability * 10)))

  return `${(tenth / 10).toFixed(1)}-${((tenth + 1) / 10).toFixed(1)}`
}
