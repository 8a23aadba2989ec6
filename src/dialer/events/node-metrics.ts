import { DialMetrics } from '../../metrics/dial-metrics.ts'
import { registerGauges } from '../../metrics/gauges.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import type { DialerComponents } from '../dialer-init.ts'
import type { DialerParts } from '../parts.ts'

/** Registers the metrics of a dialer. Returns the observer that counts its dials. Undefined when the node has no metrics */
export function registerMetrics ({ metrics, logger }: Pick<DialerComponents, 'metrics' | 'logger'>, { engine, history, bans }: Pick<DialerParts, 'engine' | 'history' | 'bans'>): DialMetrics | undefined {
  if (metrics == null) {
    return
  }

  registerGauges(metrics, {
    dials: () => engine.dials.usage,
    slots: () => engine.attempts.slots.usage,
    path: kind => history.path(kind),
    backoffAddresses: () => history.networks.current.failing,
    addressBook: () => engine.components.addressBook?.usage,
    bans: () => bans.list().length
  }, safeLog(logger, 'libp2p:dial-pipeline'))

  return new DialMetrics(metrics, history)
}
