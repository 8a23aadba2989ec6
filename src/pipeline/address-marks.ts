import { multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { candidate, merge } from './candidate.ts'
import type { CandidateInit } from './candidate.ts'
import type { Candidate, DialAddressBook } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Who vouches for an address that a dial was given, where that is not its caller */
export interface AddressMark extends CandidateInit {
  /** The address comes with the dial. Sources that are asked where nothing is known are asked all the same */
  readonly isImplied?: boolean
  /** The address stands in the one that the dial is made for, as the one of a relay: whoever vouches for that vouches for it */
  readonly isVouched?: boolean
}

/** The reports of an address without a mark: its caller has it from elsewhere */
export const USERS = [{ source: 'user' }]

const marks = new WeakMap<Multiaddr, AddressMark>()
const implied = new WeakSet<Candidate>()

export function markAddress (multiaddr: Multiaddr, mark: AddressMark): Multiaddr {
  marks.set(multiaddr, mark)

  return multiaddr
}

export function markOf (multiaddr: Multiaddr): AddressMark | undefined {
  return marks.get(multiaddr)
}

/**
 * Who stands for an address, by the identity of the object: whoever a dial was told, or those that the node knows of an address which
 * it has handed out. Undefined: whoever passes it on
 *
 * @param peer whom it is dialled for
 */
function reportsOf (multiaddr: Multiaddr, peer: string | undefined, addressBook: DialAddressBook | undefined): AddressMark | undefined {
  return markOf(multiaddr) ?? addressBook?.reportsOf?.(multiaddr, peer)
}

/**
 * Adds an address to those that the callers of a dial gave, by their text. Of one that is there an address stays that has every source
 * that its callers gave
 *
 * @returns whether that says more than before
 */
export function addAddress (known: Map<string, Multiaddr>, multiaddr: Multiaddr): boolean {
  const text = multiaddr.toString()
  const before = known.get(text)

  if (before == null) {
    known.set(text, multiaddr)

    return true
  }

  if (markOf(before) === markOf(multiaddr)) {
    return false
  }

  const [mark, other] = [fullMarkOf(before), fullMarkOf(multiaddr)]
  const both = merge(mark, other)
  const isImplied = mark.isImplied && other.isImplied
  const isVouched = mark.isVouched && other.isVouched

  if (both === mark && isImplied === mark.isImplied && isVouched === mark.isVouched) {
    return false
  }

  // the objects may be the callers'
  known.set(text, markAddress(toMultiaddr(before.bytes), { ...both, isImplied, isVouched }))

  return true
}

function fullMarkOf (multiaddr: Multiaddr): Required<AddressMark> {
  return { isCertified: false, provenance: USERS, isImplied: false, isVouched: false, ...markOf(multiaddr) }
}

/** Makes a candidate of an address, with what those say who stand for it. Without such, it is of the source that has found it */
export function markedCandidate (multiaddr: Multiaddr, peerId: PeerId | undefined, addressBook: DialAddressBook | undefined, source: string): Candidate {
  const reports = reportsOf(multiaddr, peerId?.toString(), addressBook)
  const made = candidate(multiaddr, peerId, reports ?? { provenance: [{ source }] })

  if (reports?.isImplied === true) {
    implied.add(made)
  }

  return made
}

/** Whether an address comes with the dial: see `AddressMark` */
export function isImplied (candidate: Candidate): boolean {
  return implied.has(candidate)
}

/**
 * A service dials addresses that a remote peer named to it. Registered, because a node may have two copies of this package: with a
 * symbol of one copy only, the dials of the service would count as the user's
 */
const DIAL_SOURCE = Symbol.for('libp2p-dial-pipeline.dial-source')

/** The same options, with the source of the addresses that are dialled. A caller's own word for it is not changed */
export function withDialSource<T extends object> (options: T, source: string): T {
  return { ...options, [DIAL_SOURCE]: source }
}

/** Returns the source that a service says, unchecked: anybody can use the symbol */
export function dialSourceIn (options: object): unknown {
  return Reflect.get(options, DIAL_SOURCE)
}
