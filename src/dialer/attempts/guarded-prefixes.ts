import { ipToString } from '@chainsafe/netmask'
import { destinationsOf } from '../../address/destinations.ts'
import { embeddedIp4s } from '../../address/embedded-ip4.ts'
import { hostNameOf } from '../../address/host-name.ts'
import { isLoopbackIp, isPrivateIp, sitePrefixOf } from '../../address/ip.ts'
import { scopeOfName } from '../../address/scope.ts'
import { answerTime } from '../../pipeline/dial-components.ts'
import { NameAnswers } from '../../pipeline/name-answers.ts'
import { nodeState } from '../../pipeline/runtime/make-stage.ts'
import type { Scope } from '../../address/scope-ranges.ts'
import type { Destination } from '../../address/destinations.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

const LOCAL: ReadonlySet<Scope> = new Set(['private', 'loopback', 'link-local'])

/** Maximum length of a next-to-last label that counts as part of a public suffix: `co.uk`, `com.au` */
const MAX_SUFFIX_LABEL = 3

/** Minimum and maximum time in milliseconds: RFC 8305's Connection Attempt Delay, and its maximum */
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
 * - Another name counts as its domain: the last two labels, or three when the next-to-last has three letters or fewer. The owner of
 *   a domain can make up any number of names, but has few domains.
 * - A name that this node has resolved also counts as its answers. The domain still counts: the transport resolves the name again,
 *   and its owner may answer with another address.
 *
 * The prefixes are sorted: attempts that wait for several prefix slots in one order cannot deadlock.
 */
export function guardedPrefixes ({ multiaddr }: Candidate, components: DialComponents): string[] {
  return [...new Set(destinationsOf(multiaddr).flatMap(destination => prefixesOf(destination, components)))].toSorted()
}

function prefixesOf ({ ip, name }: Destination, components: DialComponents): string[] {
  // exempt like the IP addresses of a private network: no public host has a name such as x.local or x.internal
  if (ip == null && LOCAL.has(scopeOfName(name))) {
    return []
  }

  return ip == null ? [domainOf(name), ...nodeState(components, NameAnswers).of(name).flatMap(prefixesOfIp)] : prefixesOfIp(ip)
}

function prefixesOfIp (ip: Uint8Array): string[] {
  const embedded = embeddedIp4s(ip).flatMap(publicPrefixOf)

  return embedded.length > 0 && isTranslated(ip) ? embedded : [...publicPrefixOf(ip), ...embedded]
}

/** Returns the prefix of a public address. Empty for a private network and for this machine */
function publicPrefixOf (ip: Uint8Array): string[] {
  // spelled as in a multiaddr: libp2p's table reads no other spelling
  const text = ip.length === 4 ? ip.join('.') : hostNameOf(ipToString(ip)).slice(1, -1)

  return isLoopbackIp(text) || isPrivateIp(text) ? [] : [sitePrefixOf(text)]
}

/** Returns whether the IPv6 address is only a translation of the IPv4 address in it: ::/8, which includes NAT64, 6to4 and Teredo */
function isTranslated ([a, b, c, d]: Uint8Array): boolean {
  return a === 0 || (a === 0x20 && (b === 2 || (b === 1 && c === 0 && d === 0)))
}

function domainOf (name: string): string {
  const labels = name.split('.')
  const isSuffix = (labels.at(-2)?.length ?? 0) <= MAX_SUFFIX_LABEL

  return labels.slice(isSuffix ? -3 : -2).join('.')
}
