import { Facts } from '../address/facts.ts'
import { failureOf } from '../pipeline/failure.ts'
import { METRICS, scrapedName } from './definitions.ts'
import { ReasonLabels } from './reason-labels.ts'
import type { MetricName } from './definitions.ts'
import type { DialObserver, ObservedAttempt, ObservedDial } from './observer.ts'
import type { DialHistory } from '../pipeline/types.ts'
import type { Counter, CounterGroup, HistogramGroup, Metrics } from '@libp2p/interface'

/** Dials with this many attempts or more share a label, as in go-libp2p */
const MAX_ATTEMPTS = 6

/** Returns the observer that counts dials, attempts and dropped addresses. Each label has a limited number of values */
export function dialMetrics (metrics: Metrics, history: Pick<DialHistory, 'estimate'>): DialObserver {
  const counter = (name: MetricName): Counter => metrics.registerCounter(scrapedName(name), METRICS[name])
  const counters = (name: MetricName): CounterGroup => metrics.registerCounterGroup(scrapedName(name), METRICS[name])
  const histograms = (name: MetricName): HistogramGroup => metrics.registerHistogramGroup(scrapedName(name), METRICS[name])
  const dials = counters('dials_total')
  const connectSeconds = histograms('connect_seconds')
  const dialAttempts = counters('dial_attempts_total')
  const attempts = counters('attempts_total')
  const transportAttempts = counters('transport_attempts_total')
  const attemptSeconds = histograms('attempt_seconds')
  const delaySeconds = histograms('attempt_delay_seconds')
  const dropped = counters('addresses_dropped_total')
  const predictedAttempts = counters('predicted_attempts_total')
  const predictedConnections = counters('predicted_connections_total')
  const preferredChanges = counter('preferred_changes_total')
  const additionalConnections = counter('additional_connections_total')
  const reasons = new ReasonLabels()
  /** The predicted probability of success, at the start of each attempt */
  const predicted = new WeakMap<ObservedAttempt, number>()

  return {
    dialConnected: ({ run }, { remoteAddr }, now) => {
      if (run != null) {
        connectSeconds.observe({ [new Facts(remoteAddr).transport]: (now - run.startedAt) / 1_000 })
      }
    },

    dialEnded: ({ run }) => {
      if (run == null) {
        return
      }

      const addresses = [...run.story.addresses.values()]
      const started = addresses.reduce((sum, { attempts }) => sum + attempts.filter(({ startedAt }) => startedAt != null).length, 0)
      dials.increment({ [outcomeOf(run)]: 1 })
      dialAttempts.increment({ [started < MAX_ATTEMPTS ? started : `>=${MAX_ATTEMPTS}`]: 1 })

      for (const { dropped: drop } of addresses) {
        if (drop != null) {
          dropped.increment({ [reasons.of(drop.stage, drop.reason)]: 1 })
        }
      }
    },

    attemptStarted: (attempt, at) => {
      const { candidate, dials } = attempt
      const began = Math.min(...Array.from(dials, ({ startedAt = at }) => startedAt))
      predicted.set(attempt, history.estimate(candidate).success)

      if (began < Infinity) {
        delaySeconds.observe({ [candidate.facts.transport]: (at - began) / 1_000 })
      }
    },

    attemptEnded: (attempt, { outcome, startedAt, firstResponseAt, endedAt, error }) => {
      const { transport } = attempt.candidate.facts
      const elapsed = endedAt - startedAt
      const probability = predicted.get(attempt)
      attempts.increment({ [outcome === 'failed' && error != null ? failureOf(error, elapsed, firstResponseAt != null) : outcome]: 1 })
      transportAttempts.increment({ [`${transport} ${outcome}`]: 1 })

      if (outcome === 'connected') {
        attemptSeconds.observe({ [transport]: elapsed / 1_000 })
      }

      if (outcome !== 'cancelled' && probability != null) {
        const bin = binOf(probability)
        predictedAttempts.increment({ [bin]: 1 })
        // a failure increments by 0, so that a bin in which all attempts fail has a value
        predictedConnections.increment({ [bin]: Number(outcome === 'connected') })
      }
    },

    preferredChanged: () => { preferredChanges.increment() },
    connectionAdded: () => { additionalConnections.increment() }
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
