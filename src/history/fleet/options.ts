import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../../pipeline/check-options.ts'
import { BOOLEAN } from '../../pipeline/option-kinds.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'

export interface ExportOptions {
  /**
   * Whether observations of private addresses are exported, for a fleet in one private network. Loopback and link-local addresses are never exported
   *
   * @default false
   */
  private?: boolean
}

export interface MergeOptions {
  /**
   * Whether observations of private addresses are accepted
   *
   * @default false
   */
  private?: boolean
  /**
   * The weight of each observation in the text, relative to an own one: above 0, at most 1
   *
   * @default 1
   */
  weight?: number
}

const WEIGHT: OptionKind = { expected: 'a number more than 0, 1 at most', test: value => typeof value === 'number' && value > 0 && value <= 1 }

/** @throws InvalidParametersError for an unknown or wrong option */
export function checkExportOptions (options: ExportOptions): void {
  checkOptions('export()', options, { private: BOOLEAN }, InvalidParametersError)
}

/** @throws InvalidParametersError for an unknown or wrong option */
export function checkMergeOptions (options: MergeOptions): void {
  checkOptions('merge()', options, { private: BOOLEAN, weight: WEIGHT }, InvalidParametersError)
}
