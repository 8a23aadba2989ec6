import { ipToString } from '@chainsafe/netmask'
import { destinationsOf } from '../../address/destinations.ts'
import { embeddedIp4s } from '../../address/embedded-ip4.ts'
import { hostNameOf } from '../../address/host-name.ts'
import { isLoopbackIp, isPrivateIp, sitePrefixOf } from '../../address/ip.ts'
import { registeredDomain } from '../../address/registered-domain.ts'
import { scopeOfName } from '../../address/scope.ts'
import { answerTime } from '../../pipeline/dial-components.ts'
import { NameAnswers } from '../../pipeline/name-answers.ts'
import { nodeState } from '../../pipeline/runtime/make-stage.ts'
import { PriorityQueue } from './schedule.ts'
import type { Scope } from '../../address/scope-ranges.ts'
import type { Destination } from '../../address/destinations.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

/** An attempt that holds a prefix slot, or waits for one */
export interface PrefixSlotTaker {
  /** Written by `PrefixSlots` alone while the attempt waits */
  priority: number
  /** Whether the attempt has left a prefix slot to others before */
  readonly isReturning: boolean
  /** Called when the attempt gets one of the slots that the node has for each network prefix */
  onPrefixSlot (): void
  /** Lets the attempt go on, with its prefix slot */
  pass (): void
  /** Whether the attempt may be asked to leave its prefix slot: it has been silent, or has not begun, for too long */
  readonly mayLeave: boolean
  /** Makes the attempt leave its prefix slot, and queue behind those that have not had one */
  leave (): void
}

/** The prefix slots of one network */
interface NetworkState {
  readonly holders: Set<PrefixSlotTaker>
  /** The value of `entered` at the arrival of each waiting attempt: tells how many newcomers have overtaken it since */
  readonly waits: Map<PrefixSlotTaker, number>
  /** Waiting attempts that have not had a prefix slot */
  readonly newcomers: PriorityQueue<PrefixSlotTaker>
  /** Waiting attempts that have left a prefix slot */
  readonly back: PriorityQueue<PrefixSlotTaker>
  /** Number of newcomers that have got a prefix slot so far */
  entered: number
}

/** Number of newcomers that may overtake a waiting attempt which has left its prefix slot */
const MAX_OVERTAKEN = 8

/** Share of the prefix slots of a network that is reserved for attempts which `MAX_OVERTAKEN` newcomers have overtaken, at least one slot */
const RESERVE = 1 / 8

/**
 * The prefix slots of each network. A prefix slot is one of its few attempt slots
 *
 * The highest priority goes first. Within a priority, newcomers, which have not had a prefix slot, go first. For each newcomer
 * that waits, a silent holder leaves. A share of the prefix slots is reserved for attempts that have left theirs, oldest first: otherwise they would
 * starve while newcomers keep coming.
 */
export class PrefixSlots {
  readonly #limit: number
  readonly #networks = new Map<string, NetworkState>()
  /** Attempts that were asked to leave, and have not left yet */
  readonly #leaving = new WeakSet<PrefixSlotTaker>()

  constructor (limit: number) {
    this.#limit = limit
  }

  isFull (key: string): boolean {
    const network = this.#networks.get(key)

    return network != null && network.holders.size >= this.#limit
  }

  /** Gives the attempt a prefix slot, now or when its turn comes */
  enter (key: string, taker: PrefixSlotTaker): void {
    const network = this.#networks.get(key) ?? { holders: new Set(), waits: new Map(), newcomers: new PriorityQueue(), back: new PriorityQueue(), entered: 0 }
    this.#networks.set(key, network)
    this.#leaving.delete(taker)
    lineOf(network, taker).add(taker)
    network.waits.set(taker, network.entered)
    this.#fill(network)
    this.review(key)
  }

  /** Removes an attempt that has ended, does not wait any more, or goes on because its remote has responded */
  leave (key: string, taker: PrefixSlotTaker): void {
    const network = this.#networks.get(key)

    if (network == null) {
      return
    }

    network.waits.delete(taker)
    lineOf(network, taker).delete(taker)
    network.holders.delete(taker)
    this.#fill(network)
    this.review(key)

    if (network.holders.size + network.waits.size === 0 && this.#networks.get(key) === network) {
      this.#networks.delete(key)
    }
  }

  raisePriority (key: string, taker: PrefixSlotTaker, priority: number): void {
    const network = this.#networks.get(key)

    if (network != null && lineOf(network, taker).delete(taker)) {
      taker.priority = priority
      lineOf(network, taker).add(taker)
      this.review(key)
    }
  }

  /** Asks silent holders to leave when newcomers wait. Called whenever a holder may have become silent for too long */
  review (key: string): void {
    const network = this.#networks.get(key)

    if (network == null || network.newcomers.size === 0) {
      return
    }

    for (const holder of [...network.holders]) {
      if (holder.mayLeave && !this.#leaving.has(holder) && this.#isWanted(network, holder)) {
        this.#leaving.add(holder)
        holder.leave()
      }
    }
  }

  #fill (network: NetworkState): void {
    while (network.holders.size < this.#limit) {
      const taker = this.#next(network)

      if (taker == null) {
        return
      }

      network.entered += taker.isReturning ? 0 : 1
      network.waits.delete(taker)
      lineOf(network, taker).delete(taker)
      network.holders.add(taker)
      taker.onPrefixSlot()
      taker.pass()
    }
  }

  #next ({ holders, waits, newcomers, back, entered }: NetworkState): PrefixSlotTaker | undefined {
    const [first, other] = [newcomers.first, back.first]

    if (first == null || other == null || first.priority !== other.priority) {
      return first == null || (other != null && other.priority > first.priority) ? other : first
    }

    const hasReserve = [...holders].filter(({ isReturning }) => isReturning).length < Math.max(1, Math.floor(this.#limit * RESERVE))

    return hasReserve && entered - (waits.get(other) ?? entered) >= MAX_OVERTAKEN ? other : first
  }

  /** Returns whether more newcomers of the holder's priority or a higher one wait than holders are leaving */
  #isWanted ({ holders, newcomers }: NetworkState, { priority }: PrefixSlotTaker): boolean {
    return newcomers.exceeds([...holders].filter(one => this.#leaving.has(one)).length, priority)
  }
}

function lineOf ({ newcomers, back }: NetworkState, { isReturning }: PrefixSlotTaker): PriorityQueue<PrefixSlotTaker> {
  return isReturning ? back : newcomers
}

const LOCAL: ReadonlySet<Scope> = new Set(['private', 'loopback', 'link-local'])

/** Bounds of `prefixSlotTimeOf()` in milliseconds: RFC 8305's Connection Attempt Delay, and the maximum of that delay */
const TIME = { min: 250, max: 2_000 }

/**
 * Returns how long an attempt without a response keeps its prefix slots when other attempts wait, in milliseconds: 49 of 50 first responses
 * arrive in that time, by the node's history. Otherwise hosts that are off would delay the attempts to hosts that are on
 */
export function prefixSlotTimeOf (candidate: Candidate, { history }: Pick<DialComponents, 'history'>): number {
  return Math.min(TIME.max, Math.max(TIME.min, Math.ceil(answerTime(history.estimate(candidate)))))
}

/**
 * Returns the network prefixes in which an attempt to an untrusted address needs a prefix slot
 *
 * Prefix slots protect a network from this node: false answers may name thousands of "peers" in one network. A prefix slot is in the /24 of
 * an IPv4 address, in the /48 of an IPv6 address, or in a domain. Spelling does not matter, because an attacker chooses it:
 *
 * - An IPv6 address that embeds an IPv4 address counts as that IPv4 address. So does a number in place of a name.
 * - A name of AutoTLS counts as the IP address in it.
 * - Another name counts as its registered domain. The owner of a domain can make up any number of names, but has few domains.
 * - A name that this node has resolved also counts as its answers. The domain still counts: the transport resolves the name again,
 *   and its owner may answer with another address.
 *
 * The prefixes are sorted: attempts that wait for several prefix slots in one order cannot deadlock.
 */
export function guardedPrefixes ({ multiaddr }: Candidate, components: DialComponents): string[] {
  return [...new Set(destinationsOf(multiaddr).flatMap(destination => prefixesOf(destination, components)))].toSorted()
}

function prefixesOf ({ ip, name }: Destination, components: DialComponents): string[] {
  // a local name is exempt, as the IP addresses of a private network are: no public host is called x.local or x.internal
  if (ip == null && LOCAL.has(scopeOfName(name))) {
    return []
  }

  return ip == null ? [registeredDomain(name), ...nodeState(components, NameAnswers).of(name).flatMap(prefixesOfIp)] : prefixesOfIp(ip)
}

function prefixesOfIp (ip: Uint8Array): string[] {
  const embedded = embeddedIp4s(ip).flatMap(publicPrefixOf)

  return embedded.length > 0 && isTranslated(ip) ? embedded : [...publicPrefixOf(ip), ...embedded]
}

/** Returns the prefix of a public address. Empty for a private network and for this machine */
function publicPrefixOf (ip: Uint8Array): string[] {
  // the IP address is spelled as in a multiaddr: libp2p's table reads no other spelling
  const text = ip.length === 4 ? ip.join('.') : hostNameOf(ipToString(ip)).slice(1, -1)

  return isLoopbackIp(text) || isPrivateIp(text) ? [] : [sitePrefixOf(text)]
}

/** Returns whether an IPv6 address only translates the IPv4 address in it: ::/8 (which includes NAT64), 6to4 (2002::/16) and Teredo (2001::/32) */
function isTranslated ([a, b, c, d]: Uint8Array): boolean {
  return a === 0 || (a === 0x20 && (b === 2 || (b === 1 && c === 0 && d === 0)))
}
