import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../pipeline/check-options.ts'
import { POSITIVE_NUMBER, PROBABILITY } from '../pipeline/option-kinds.ts'

/** What a node believes of an address before it knows better */
export interface Belief {
  /**
   * The probability that an attempt connects. With the default 93 of 100 addresses of a peer that is online do: what is known to be
   * optimistic is doubted as soon as one fails
   *
   * @default 0.7
   */
  readonly success: number
  /**
   * The probability that a peer is online; where that of an attempt is higher, as high as that. Three of four that DHT
   * servers name are: 26.1 % cannot be dialled (ProbeLab, RFM 19, April 2022)
   *
   * @default 0.75
   */
  readonly online: number
  /**
   * The median round trip, in milliseconds
   *
   * @default 80
   */
  readonly roundTrip: number
  /**
   * The deviation of the natural logarithm of round trips: with the defaults one in twenty takes more than 250 ms
   *
   * @default 0.7
   */
  readonly spread: number
}

export interface HistoryInit {
  /** What to believe of an address of which nothing is known */
  belief?: Partial<Belief>
}

const DEFAULT: Belief = { success: 0.7, online: 0.75, roundTrip: 80, spread: 0.7 }

const KINDS = { success: PROBABILITY, online: PROBABILITY, roundTrip: POSITIVE_NUMBER, spread: POSITIVE_NUMBER }

/** @throws InvalidParametersError for an unknown or wrong option */
export function checkBelief (owner: string, given: Partial<Belief>): void {
  checkOptions(owner, given, KINDS, InvalidParametersError)
}

export function belief (given: Partial<Belief> = {}): Belief {
  checkBelief('A belief', given)
  const { success, online, roundTrip, spread } = { ...DEFAULT, ...given }

  return { success, online: Math.max(success, online), roundTrip, spread }
}
