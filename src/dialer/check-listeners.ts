import { InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../pipeline/check-options.ts'
import { FUNCTION, SIGNAL } from '../pipeline/option-kinds.ts'
import type { DialPipelineOptions } from '../pipeline/types.ts'

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
