import { DialMetrics } from '../../metrics/dial-metrics.ts'
import { registerGauges } from '../../metrics/gauges.ts'
import type { DialerParts } from '../parts.ts'
import type { Logger, Metrics } from '@libp2p/interface'

/** Registers the metrics of a dialer. Returns the observer that counts its dials */
export function registerMetrics (metrics: Metrics, { engine, history, bans }: Pick<DialerParts, 'engine' | 'history' | 'bans'>, log: Logger): DialMetrics {
  registerGauges(metrics, {
    dials: () => engine.dials.usage,
    slots: () => engine.attempts.slots.usage,
    path: kind => history.path(kind),
    backoffAddresses: () => history.networks.current.failing,
    addressBook: () => engine.components.addressBook?.usage,
    bans: () => bans.list().length
  }, log)

  return new DialMetrics(metrics, history)
}
