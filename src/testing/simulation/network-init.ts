import { checkOptions } from '../../pipeline/check-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { BOOLEAN, filledListOf, NUMBER, oneOf, POSITIVE_NUMBER, PROBABILITY, required, WHOLE_NUMBER } from '../../pipeline/option-kinds.ts'
import { TRANSPORTS } from './transports.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { SimulatedTransport } from './transports.ts'

/** A kind of address that each peer of a simulated network has */
export interface SimulatedAddressKind {
  readonly transport: SimulatedTransport
  /**
   * The IP version
   *
   * @default 4
   */
  readonly version?: 4 | 6
  /**
   * The number of addresses of this kind that each peer has: 1,024 at most
   *
   * @default 1
   */
  readonly count?: number
  /**
   * The probability that an address connects if the peer is online, from 0 to 1
   *
   * @default 1
   */
  readonly good?: number
  /**
   * The share of the bad addresses that refuse after one round trip, from 0 to 1. Over UDP such an address is silent. A bad relayed address
   * always refuses
   *
   * @default 0
   */
  readonly refuses?: number
  /**
   * The share of the bad addresses that answer once and then stay silent, from 0 to 1. Bad addresses that neither refuse nor stall are silent
   *
   * @default 0
   */
  readonly stalls?: number
  /** The median round trip of this kind, in milliseconds. Default: the `roundTrip` of the network */
  readonly roundTrip?: number
}

/** The properties from which the peers of a simulated network are drawn */
export interface SimulatedNetworkInit {
  /** The addresses of each peer, in the order in which the dialling node knows them */
  readonly addresses: readonly SimulatedAddressKind[]
  /**
   * The seed of the peers. The same seed draws the same peers
   *
   * @default 1
   */
  readonly seed?: number | undefined
  /**
   * The share of peers that are online, from 0 to 1. No address of an offline peer connects
   *
   * @default 1
   */
  readonly online?: number | undefined
  /**
   * The median round trip, in milliseconds
   *
   * @default 80
   */
  readonly roundTrip?: number | undefined
  /**
   * The standard deviation of the natural logarithm of the round trips
   *
   * @default 0.7
   */
  readonly spread?: number | undefined
  /**
   * Whether all direct addresses of a peer lead to one host. They then share its IP addresses and its round trip
   *
   * @default false
   */
  readonly oneHost?: boolean | undefined
  /**
   * The mean delay that is added to each round trip, as a share of the round trip. Drawn from an exponential distribution
   *
   * @default 0
   */
  readonly jitter?: number | undefined
  /**
   * The share of packets that are lost, from 0 to 1. Each loss costs a retransmission timeout: one second in the first round trip
   *
   * @default 0
   */
  readonly loss?: number | undefined
  /**
   * The share of peers whose relayed connections are replaced with direct ones (DCUtR), from 0 to 1
   *
   * @default 0
   */
  readonly upgrades?: number | undefined
}

const KIND_OPTIONS = {
  transport: required(oneOf(...Object.keys(TRANSPORTS))),
  version: { expected: '4 or 6', test: value => value === 4 || value === 6 } satisfies OptionKind,
  count: { expected: 'a whole number from 0 to 1024', test: value => WHOLE_NUMBER.test(value) && (value as number) <= 1_024 } satisfies OptionKind,
  good: PROBABILITY,
  refuses: PROBABILITY,
  stalls: PROBABILITY,
  roundTrip: POSITIVE_NUMBER
}

const ADDRESS_KIND: OptionKind = { expected: 'a kind of addresses', test: value => typeof value === 'object' && value !== null }

const NETWORK_OPTIONS = {
  addresses: required(filledListOf('kinds of addresses', ADDRESS_KIND)),
  seed: NUMBER,
  online: PROBABILITY,
  roundTrip: POSITIVE_NUMBER,
  spread: POSITIVE_NUMBER,
  oneHost: BOOLEAN,
  jitter: { expected: 'a finite number, 0 or more', test: value => Number.isFinite(value) && (value as number) >= 0 } satisfies OptionKind,
  loss: PROBABILITY,
  upgrades: PROBABILITY
}

/** The number of a peer or a visit. Seeds have 32 bits: of greater numbers several would be the same peer */
export const PEER_NUMBER: OptionKind = { expected: 'a whole number from 0 to 4294967295', test: value => WHOLE_NUMBER.test(value) && (value as number) < 2 ** 32 }

/** @throws InvalidPipelineError for an unknown or wrong option */
export function checkNetworkInit (owner: string, init: SimulatedNetworkInit): void {
  checkOptions(owner, init, NETWORK_OPTIONS)

  for (const kind of init.addresses) {
    checkOptions(`${owner}: a kind of addresses`, kind, KIND_OPTIONS)
    const { refuses = 0, stalls = 0 } = kind

    if (refuses + stalls > 1) {
      throw new InvalidPipelineError(`${owner}: "refuses" and "stalls" of a kind of addresses are shares of its bad addresses: make them 1 at most together, not ${refuses} and ${stalls}`)
    }
  }
}
