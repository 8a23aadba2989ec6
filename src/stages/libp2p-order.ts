import { listStage, memoise } from '../pipeline/authoring/list-stage.ts'
import { catchRejection } from '../pipeline/foreign-promises.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { checkedCompare } from '../pipeline/authoring/rank.ts'
import { toError } from '../pipeline/errors.ts'
import { asAddress, claimOf } from '../pipeline/candidate.ts'
import { FUNCTION } from '../pipeline/option-kinds.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'
import type { AddressSorter } from '@libp2p/interface'

export interface Libp2pOrderInit {
  /** Replaces the order. Default: the `addressSorter` in the node's `connectionManager` settings, if any */
  addressSorter?: AddressSorter | undefined
}

/**
 * Creates a ranker that orders addresses like libp2p's own dialer: loopback last, public first, relayed last, certified first. Then by transport: TCP, WSS,
 * WS, WebRTC, WebRTC-direct, WebTransport, others. As in libp2p, the peer store's mark `isCertified` counts without a proof. The node's
 * `addressSorter`, if any, replaces this order.
 *
 * @param init.addressSorter replaces the order and the node's sorter
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function libp2pOrder (init: Libp2pOrderInit = {}): Stage<'candidates', 'candidates', 'libp2p-order'> {
  checkArguments('libp2pOrder()', arguments, 1)
  checkOptions('libp2pOrder()', init, { addressSorter: FUNCTION })

  return listStage('libp2p-order', dial => {
    // created for the first list that needs an order
    let compare: Sorter | undefined

    return ({ candidates }) => candidates.length < 2 ? candidates : candidates.toSorted(compare ??= sorterFor(dial, init.addressSorter))
  }, { role: 'rank', isPure: true })
}

type Sorter = (a: Candidate, b: Candidate) => number

function sorterFor (dial: Dial, own?: AddressSorter): Sorter {
  const { addressSorter } = dial.node.settings

  if (own == null && addressSorter == null) {
    const weightOf = memoise(weigh)

    return (a, b) => weightOf(a) - weightOf(b)
  }

  const checked = own == null ? undefined : checkedCompare('libp2p-order', own)
  const compare: Sorter = checked == null ? tolerant(addressSorter as AddressSorter, dial) : (a, b) => checked(a, b, dial)
  // the sorter gets the addresses that libp2p's own dialer would pass. They are cached: it gets the same object each time
  const addressOf = memoise(asAddress)

  return (a, b) => compare(addressOf(a), addressOf(b))
}

/** Accepts any answer of a node's sorter, as `Array.prototype.sort` in libp2p's own dialer does */
function tolerant (sorter: AddressSorter, dial: Dial): AddressSorter {
  return (a, b) => {
    const answer: unknown = sorter(a, b)
    catchRejection(answer, err => { dial.log.error('the addressSorter of the node failed - %e', toError(err)) })

    return Math.sign(Number(answer) || 0) as -1 | 0 | 1
  }
}

/** Returns a weight with one bit for each rule, the first one most significant, above the rank of the transport */
function weigh (candidate: Candidate): number {
  const { facts } = candidate

  return [facts.isLoopback, facts.isPrivate, facts.isRelayed, !candidate.isCertified && claimOf(candidate) == null]
    .reduce((weight, isWorse) => weight * 2 + Number(isWorse), 0) * 8 + facts.reliability
}
