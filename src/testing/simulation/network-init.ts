import { checkOptions } from '../../pipeline/check-options.ts'
import { BOOLEAN, filledListOf, NUMBER, oneOf, POSITIVE_NUMBER, PROBABILITY, required, WHOLE_NUMBER } from '../../pipeline/option-kinds.ts'
import { TRANSPORTS } from './transports.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { SimulatedTransport } from './transports.ts'

/** Addresses of one kind, of each peer of a simulated network */
export interface SimulatedAddressKind {
  readonly transport: SimulatedTransport
  /**
   * The IP version
   *
   * @default 4
   */
  readonly version?: 4 | 6
  /**
   * How many addresses of the kind a peer has
   *
   * @default 1
   */
  readonly count?: number
  /**
   * The probability that an address connects, if the peer is online
   *
   * @default 1
   */
  readonly good?: number
  /**
   * The share of the bad addresses that refuse after a round trip. The others are silent, and so is all that is dead over UDP
   *
   * @default 0
   */
  readonly refuses?: number
  /**
   * The share of the bad addresses that answer once, and then say nothing
   *
   * @default 0
   */
  readonly stalls?: number
  /** The median round trip of the kind, in milliseconds. Default: that of the network */
  readonly roundTrip?: number
}

/** What is true of a simulated network */
export interface SimulatedNetworkInit {
  /** The addresses of a peer, in the order in which they are known */
  readonly addresses: readonly SimulatedAddressKind[]
  /**
   * Selects the peers that are drawn: the same seed draws the same ones
   *
   * @default 1
   */
  readonly seed?: number
  /**
   * The share of peers that are online. All addresses of the others are dead together
   *
   * @default 1
   */
  readonly online?: number
  /**
   * The median round trip, in milliseconds
   *
   * @default 80
   */
  readonly roundTrip?: number
  /**
   * The deviation of the natural logarithm of round trips
   *
   * @default 0.7
   */
  readonly spread?: number
  /**
   * Whether all direct addresses of a peer lead to one host, and share its IP addresses and its round trip
   *
   * @default false
   */
  readonly oneHost?: boolean
  /**
   * By what share of itself a round trip takes longer, in the mean. Drawn anew for each, from an exponential distribution
   *
   * @default 0
   */
  readonly jitter?: number
  /**
   * The share of packets that are lost. Each loss costs a retransmission timeout: a second before the first response
   *
   * @default 0
   */
  readonly loss?: number
  /**
   * The share of peers whose relayed connections become direct ones (DCUtR)
   *
   * @default 0
   */
  readonly upgrades?: number
}

const KIND_OPTIONS = {
  transport: required(oneOf(...Object.keys(TRANSPORTS))),
  version: { expected: '4 or 6', test: value => value === 4 || value === 6 } satisfies OptionKind,
  count: WHOLE_NUMBER,
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

/** @throws InvalidPipelineError for an unknown or wrong option */
export function checkNetworkInit (owner: string, init: SimulatedNetworkInit): void {
  checkOptions(owner, init, NETWORK_OPTIONS)
  init.addresses.forEach(kind => { checkOptions(`${owner}: a kind of addresses`, kind, KIND_OPTIONS) })
}
