import type { Metrics } from '@libp2p/interface'

export interface FakeMetrics {
  /** The metrics for the options of `createLibp2p` */
  readonly metrics: () => Metrics
  /** Returns the current values of a calculated group */
  calculate (name: string): Record<string, number>
}

/** Creates metrics that record calculated groups. As in Prometheus, the first registration of a name counts */
export function fakeMetrics (): FakeMetrics {
  const groups = new Map<string, () => Record<string, number>>()
  const ignore = (): void => {}
  const metric = { update: ignore, increment: ignore, decrement: ignore, reset: ignore, observe: ignore, timer: () => ignore }
  const register = (): unknown => metric

  const metrics = {
    trackMultiaddrConnection: ignore,
    trackProtocolStream: ignore,
    registerMetric: register,
    registerMetricGroup: (name: string, { calculate }: { calculate?: () => Record<string, number> } = {}) => {
      if (calculate != null && !groups.has(name)) {
        groups.set(name, calculate)
      }

      return metric
    },
    registerCounter: register,
    registerCounterGroup: register,
    registerHistogram: register,
    registerHistogramGroup: register,
    registerSummary: register,
    registerSummaryGroup: register,
    traceFunction: (_name: string, fn: unknown) => fn,
    createTrace: ignore
  }

  return {
    metrics: () => metrics as unknown as Metrics,
    calculate: name => groups.get(name)?.() ?? {}
  }
}
