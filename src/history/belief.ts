import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../pipeline/check-options.ts'
import { POSITIVE_NUMBER, PROBABILITY } from '../pipeline/option-kinds.ts'

/** The priors of an address without observations */
export interface Belief {
  /**
   * The probability that an attempt connects. With the default, 93 of 100 addresses of an online peer do. The default is optimistic, because a single
   * failure lowers it
   *
   * @default 0.7
   */
  readonly success: number
  /**
   * The probability that a peer is online, at least `success`. 26.1 % of the peers that DHT servers report cannot be dialled (ProbeLab, RFM 19, April
   * 2022)
   *
   * @default 0.75
   */
  readonly online: number
  /**
   * The median round-trip time in milliseconds
   *
   * @default 80
   */
  readonly roundTrip: number
  /**
   * The deviation of the natural logarithm of round-trip times. With the defaults, one in twenty takes more than 250 ms
   *
   * @default 0.7
   */
  readonly spread: number
}

export interface HistoryInit {
  /** The priors of addresses without observations. Default: those of `Belief` */
  belief?: Partial<Belief> | undefined
}

const DEFAULT: Belief = { success: 0.7, online: 0.75, roundTrip: 80, spread: 0.7 }

export const BELIEF_OPTIONS = { success: PROBABILITY, online: PROBABILITY, roundTrip: POSITIVE_NUMBER, spread: POSITIVE_NUMBER }

/** @throws InvalidParametersError for an unknown or wrong option */
export function belief (given: Partial<Belief> = {}): Belief {
  checkOptions('A belief', given, BELIEF_OPTIONS, InvalidParametersError)
  const { success = DEFAULT.success, online = DEFAULT.online, roundTrip = DEFAULT.roundTrip, spread = DEFAULT.spread } = given

  return { success, online: Math.max(success, online), roundTrip, spread }
}
