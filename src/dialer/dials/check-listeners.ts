import { InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { FUNCTION, SIGNAL } from '../../pipeline/option-kinds.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'

const LISTENERS = { signal: SIGNAL, onProgress: FUNCTION }

/**
 * Checks what a dial listens to, and what listens to the dial. libp2p calls both without looking, and fails in its own words
 *
 * @throws InvalidParametersError for a signal that is none, and a listener that is no function
 */
export function checkListeners (options: DialPipelineOptions): void {
  for (const [name, kind] of Object.entries(LISTENERS)) {
    const value: unknown = Reflect.get(options, name)

    if (value != null) {
      checkValue(`The dial option "${name}"`, value, kind, InvalidParametersError)
    }
  }
}

/**
 * Checks the priority of a dial: one that is no number would stop the queue for all who wait in it
 *
 * @throws InvalidParametersError
 */
export function checkPriority (priority: unknown): void {
  if (priority != null && (typeof priority !== 'number' || Number.isNaN(priority))) {
    throw new InvalidParametersError(`Cannot dial with the priority ${describeValue(priority)}: a priority is a number`)
  }
}
