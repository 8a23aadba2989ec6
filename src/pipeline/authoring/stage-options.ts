import { PROBES } from '../declared-options.ts'
import { BOOLEAN, listOf, NAME } from '../option-kinds.ts'
import type { OptionKind } from '../option-kinds.ts'

/** What the authoring helpers take beside their function */
export interface HelperOptions {
  /** The names of the dial options that the stage reads. Dials that differ in one of them are two dials. Default: none but libp2p's */
  options?: readonly string[]
}

export interface FilterOptions extends HelperOptions {
  /**
   * Whether the addresses of a relay have to pass the stage too, when the relay is dialled on behalf of another dial. False: that dial
   * does not inherit the stage, and goes by it where it stands in the node's own pipeline
   *
   * @default true
   */
  forRelays?: boolean
}

const OPTION_NAME: OptionKind = { ...NAME, test: value => NAME.test(value) && !PROBES.has(value as string) }

export const HELPER_OPTIONS = { options: listOf(`names other than ${[...PROBES].map(String).join(' and ')}`, OPTION_NAME) }

export const FILTER_OPTIONS = { ...HELPER_OPTIONS, forRelays: BOOLEAN }
