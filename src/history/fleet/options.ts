import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../../pipeline/check-options.ts'
import { BOOLEAN } from '../../pipeline/option-kinds.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'

export interface ExportOptions {
  /**
   * Exports what was learnt of private addresses too: for a fleet in one private network. Loopback and link-local addresses are
   * never exported
   *
   * @default false
   */
  private?: boolean
}

export interface MergeOptions {
  /**
   * Takes what the text says of private addresses too
   *
   * @default false
   */
  private?: boolean
  /**
   * As how much of an own observation each observation of the text counts: more than 0, 1 at most
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
