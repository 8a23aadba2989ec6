import { ipToString } from '@chainsafe/netmask'
import { destinationsOf } from '../../address/destinations.ts'
import { embeddedIp4s } from '../../address/embedded-ip4.ts'
import { hostNameOf } from '../../address/host-name.ts'
import { isLoopbackIp, isPrivateIp, sitePrefixOf } from '../../address/ip.ts'
import { scopeOfName } from '../../address/scope.ts'
import { answerTime } from '../../pipeline/dial-components.ts'
import { NameAnswers } from '../../pipeline/name-answers.ts'
import { nodeState } from '../../pipeline/runtime/make-stage.ts'
import { isConfigured } from '../../pipeline/trust.ts'
import type { Scope } from '../../address/scope-ranges.ts'
import type { Destination } from '../../address/destinations.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

const LOCAL: ReadonlySet<Scope> = new Set(['private', 'loopback', 'link-local'])

/** The longest next-to-last label that is taken for a part of a public suffix: `co.uk`, `com.au` */
const MAX_SUFFIX_LABEL = 3

/** Milliseconds: RFC 8305's Connection Attempt Delay, and its Maximum */
const TIME = { min: 250, max: 2_000 }

/**
 * The places that the attempt of an address takes in its networks while nobody answers for the address, and the time for which it keeps
 * them where others wait: hosts that are off would hold up those that are on, and so would attempts that do not begin
 */
export class AttemptPlace {
  /** Names the places; none: somebody answers for the address */
  readonly prefixes: readonly string[]
  /** Its time is over */
  isOver = false
  readonly #candidate: Candidate
  readonly #components: DialComponents
  #cancel?: () => void

  /** @param isNested a dial made for an attempt trusts no signature */
  constructor (candidate: Candidate, components: DialComponents, isNested: boolean) {
    this.#candidate = candidate
    this.#components = components
    this.prefixes = guardedPrefixes(candidate, components, isNested)
  }

  /** Whether a dial that joins needs none: it knows who answers for the address */
  isNeedlessFor (candidate: Candidate, isNested: boolean): boolean {
    return this.prefixes.length > 0 && guardedPrefixes(candidate, this.#components, isNested).length === 0
  }

  /** Begins its time, anew where it had begun */
  begin (onOver: () => void): void {
    this.end()
    this.isOver = false
    this.#cancel = this.#components.clock.setTimeout(() => {
      this.isOver = true
      onOver()
    }, placeTimeOf(this.#candidate, this.#components))
  }

  end (): void {
    this.#cancel?.()
  }
}

/** As long as 49 of 50 first responses take, by what the node knows */
export function placeTimeOf (candidate: Candidate, { history }: Pick<DialComponents, 'history'>): number {
  return Math.min(TIME.max, Math.max(TIME.min, Math.ceil(answerTime(history.estimate(candidate)))))
}

/**
 * Returns the places to which no more than a few attempts go at once, because nobody answers for the address: answers that name
 * thousands of "peers" at one place would have all who believe them attack that place. Returns nothing where they may.
 *
 * A place is the /24 of an IPv4 address, the /48 of an IPv6 one, or a domain. The address is judged by where it leads, as its
 * spelling is chosen by whoever names it:
 *
 * - An IPv6 address that embeds an IPv4 address counts as that, and so does a number in the place of a name.
 * - A name of AutoTLS counts as the IP address in it.
 * - Another name counts as its domain: the last two labels, or three where the next-to-last has three letters or fewer. There are no
 *   more than a few domains where whoever owns one can make up any number of names.
 * - A name that this node has looked up counts as the answers too. They do not replace the domain: the transport looks the name up
 *   again, and its owner may answer with another address then.
 *
 * A relayed address has none: the dial of its relay has. Whoever signed it has signed nothing for the relay, so that a signature
 * counts for nothing in a dial that is made for another.
 *
 * The places are sorted: attempts that wait for several in one order do not wait for one another.
 */
export function guardedPrefixes ({ facts, isCertified, provenance, multiaddr }: Candidate, components: DialComponents, isNested = false): string[] {
  if ((isCertified && !isNested) || provenance.some(({ source }) => source === 'dialled' || isConfigured(source, components.addressBook?.trust)) || facts.isRelayed) {
    return []
  }

  return [...new Set(destinationsOf(multiaddr).flatMap(destination => prefixesOf(destination, components)))].toSorted()
}

function prefixesOf ({ ip, name }: Destination, components: DialComponents): string[] {
  // as for the IP addresses of a private network: no host of the internet has a name such as x.local, or x.internal
  if (ip == null && LOCAL.has(scopeOfName(name))) {
    return []
  }

  return ip == null ? [domainOf(name), ...nodeState(components, NameAnswers).of(name).flatMap(prefixesOfIp)] : prefixesOfIp(ip)
}

function prefixesOfIp (ip: Uint8Array): string[] {
  const embedded = embeddedIp4s(ip).flatMap(publicPrefixOf)

  return embedded.length > 0 && isTranslated(ip) ? embedded : [...publicPrefixOf(ip), ...embedded]
}

/** None of a private network, nor of this machine */
function publicPrefixOf (ip: Uint8Array): string[] {
  // as a multiaddr has it: libp2p's table reads no other spelling
  const text = ip.length === 4 ? ip.join('.') : hostNameOf(ipToString(ip)).slice(1, -1)

  return isLoopbackIp(text) || isPrivateIp(text) ? [] : [sitePrefixOf(text)]
}

/** Whether an IPv6 address has no network of its own beside that of the IPv4 address in it: ::/8, which has NAT64, 6to4, Teredo */
function isTranslated ([a, b, c, d]: Uint8Array): boolean {
  return a === 0 || (a === 0x20 && (b === 2 || (b === 1 && c === 0 && d === 0)))
}

function domainOf (name: string): string {
  const labels = name.split('.')
  const isSuffix = (labels.at(-2)?.length ?? 0) <= MAX_SUFFIX_LABEL

  return labels.slice(isSuffix ? -3 : -2).join('.')
}
