import { summarise } from '../statistics.ts'
import type { Summary } from '../statistics.ts'
import type { Trial } from './trial.ts'

export interface Measurement extends Summary {
  readonly trials: number
  readonly connected: number
}

/** Returns the measurement of a dialer in a scenario */
export type Measured = (dialer: string, scenario: string) => Measurement

/** Summarises the times of the dials that connected, or of all dials if none did */
export function measure (trials: readonly Trial[]): Measurement {
  const connected = trials.filter(({ error }) => error == null)

  return { ...summarise((connected.length > 0 ? connected : trials).map(({ ms }) => ms)), trials: trials.length, connected: connected.length }
}
