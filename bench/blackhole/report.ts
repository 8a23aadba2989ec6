import { table } from '../network/report.ts'
import { dialers, STOCK } from './dialers.ts'
import type { Measured, Measurement } from './measured.ts'

/** Returns the table of README.md: one column for each dialer, the median of each scenario */
export function overview (scenarios: readonly string[], of: Measured): string {
  const names = dialers.map(({ name }) => name)

  return table(['addresses', ...names], scenarios.map(scenario => [scenario, ...names.map(name => inWords(of(name, scenario)))]))
}

/** Returns one row for each scenario and dialer, with the spread of the times */
export function details (scenarios: readonly string[], of: Measured): string {
  return table(['addresses', 'dialer', 'connected', 'median ms', 'min', 'max', 'times as fast'], scenarios.flatMap(scenario => dialers.map(({ name }) => {
    const { connected, trials, median, min, max } = of(name, scenario)

    return [scenario, name, `${connected} of ${trials}`, ms(median), ms(min), ms(max), ratio(of(STOCK, scenario), of(name, scenario))]
  })))
}

function inWords ({ connected, median }: Measurement): string {
  return connected === 0 ? `fails after ${inUnit(median)}` : inUnit(median)
}

function inUnit (time: number): string {
  return time < 1_000 ? `${time.toFixed(0)} ms` : `${(time / 1_000).toFixed(1)} s`
}

/** Returns how many times as fast as stock libp2p a dialer is. A dial that failed has no ratio: its time is the time of the error */
function ratio (stock: Measurement, one: Measurement): string {
  return stock.connected === 0 || one.connected === 0 ? '' : (stock.median / one.median).toFixed(1)
}

function ms (time: number): string {
  return time.toFixed(time < 100 ? 1 : 0)
}
