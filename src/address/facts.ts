import { ipToString } from '@chainsafe/netmask'
import { isPrivate } from '@libp2p/utils'
import { destinationsOf } from './destinations.ts'
import { hostNameOf } from './host-name.ts'
import { isLoopbackIp, isPrivateIp, sitePrefixOf } from './ip.ts'
import { scopeOf, scopeOfLiteral } from './scope.ts'
import { shapeOf } from './shape.ts'
import type { Scope } from './scope-ranges.ts'
import type { Shape, Transport } from './shape.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** What an address goes over that some networks do not let through */
export type PathKind = 'udp' | 'ip6'

/** Where an address leads: a name is not looked up, and `machine` is what has no network at all (memory, unix) */
export type Network = 'public' | 'private' | 'loopback' | 'name' | 'machine'

const PATH_KINDS = { none: [], udp: ['udp'], ip6: ['ip6'], both: ['udp', 'ip6'] } as const

/** What an address says by itself. The address is read once, and each fact is computed when it is first asked for */
export class Facts {
  readonly #multiaddr: Multiaddr
  readonly #shape: Shape
  /** The value of its first host */
  readonly #literal: string
  readonly #peer?: string
  #scope?: Scope
  #isLoopback?: boolean
  #isPrivate?: boolean
  #host?: string
  #prefix?: string
  #tcpHosts?: readonly string[]

  /** @param components those of the multiaddr, which copies them for each who asks */
  constructor (multiaddr: Multiaddr, components: readonly Component[] = multiaddr.getComponents()) {
    this.#multiaddr = multiaddr
    this.#shape = shapeOf(multiaddr, components)
    this.#literal = components[this.#shape.host]?.value ?? ''
    this.#peer = components[this.#shape.peer]?.value
  }

  /** The peer that it leads to: the last that it names. Undefined: it names none */
  get peer (): string | undefined {
    return this.#peer
  }

  /** Over which transport it is dialled. `other`: none that this package knows */
  get transport (): Transport {
    return this.#shape.transport
  }

  /** How far its first hop is away: `public`, `private`, `loopback`, `name`, … Of a relayed address that is said of the relay */
  get scope (): Scope {
    const { family, isFirst, hasSni } = this.#shape

    return (this.#scope ??= family != null && isFirst && !hasSni ? scopeOfLiteral(this.#literal, family) : scopeOf(this.#multiaddr))
  }

  /** The IP version of its first hop. Undefined: a name, or no host */
  get family (): 4 | 6 | undefined {
    return this.#shape.family
  }

  /** Where its first hop is, by libp2p's own tables */
  get network (): Network {
    const { family, host } = this.#shape

    if (family == null) {
      return host === -1 ? 'machine' : 'name'
    }

    return this.isLoopback ? 'loopback' : this.isPrivate ? 'private' : 'public'
  }

  /** The name, as `hostNameOf` returns it, or the IP address of its first hop. Undefined: the loopback, or no host */
  get host (): string | undefined {
    const { family, host } = this.#shape

    if (host === -1 || (family != null && this.isLoopback)) {
      return
    }

    return family == null ? (this.#host ??= hostNameOf(this.#literal)) : this.#literal
  }

  /** The /24 of an IPv4 address, the /48 of an IPv6 one: what one site usually has. Undefined: the loopback, or no IP address */
  get prefix (): string | undefined {
    if (this.family != null && !this.isLoopback) {
      return (this.#prefix ??= sitePrefixOf(this.#literal))
    }
  }

  /**
   * What a public address goes over. Nothing for a private or loopback one, which stays in this network, and for a name that is
   * not resolved; nothing for one behind a relay, to which a connection may be open, over whatever it is
   */
  get pathKinds (): readonly PathKind[] {
    const { isIndirect, isUdp, family } = this.#shape

    // what is over TCP and IPv4 is of no kind, wherever it leads
    if (isIndirect || (!isUdp && family !== 6) || this.network !== 'public') {
      return PATH_KINDS.none
    }

    return isUdp ? family === 6 ? PATH_KINDS.both : PATH_KINDS.udp : PATH_KINDS.ip6
  }

  /** It leads through a relay, and nothing else is negotiated over that: `/p2p-circuit/webrtc` is not relayed */
  get isRelayed (): boolean {
    return this.#shape.transport === 'circuit'
  }

  /** Its transport says nothing of an attempt before that has connected */
  get isMute (): boolean {
    return this.#shape.isMute
  }

  /** The rank of its transport in libp2p's own order, the most reliable first: 0 to 6 */
  get reliability (): number {
    return this.#shape.reliability
  }

  /** Whether libp2p takes its first hop for this machine */
  get isLoopback (): boolean {
    const { family, isFirst } = this.#shape

    return (this.#isLoopback ??= family != null && isFirst && isLoopbackIp(this.#literal))
  }

  /** Whether libp2p takes its first hop for a host of a private network, or of this machine */
  get isPrivate (): boolean {
    const { family, isFirst } = this.#shape

    return (this.#isPrivate ??= isFirst && (family == null ? this.#literal === 'localhost' && isPrivate(this.#multiaddr) : isPrivateIp(this.#literal)))
  }

  /** The hosts to which a TCP connection of its own leads: IP addresses and names. None: it makes no TCP connection of its own */
  get tcpHosts (): readonly string[] {
    return (this.#tcpHosts ??= this.#readTcpHosts())
  }

  #readTcpHosts (): readonly string[] {
    const { isTcp, family, isFirst, hasSni } = this.#shape

    if (!isTcp) {
      return []
    }

    // the most common kind, of which the text is the host
    if (family === 4 && isFirst && !hasSni) {
      return [this.#literal]
    }

    // one that its address names twice counts once
    return [...new Set(destinationsOf(this.#multiaddr).map(({ ip, name }) => ip == null ? name : ipToString(ip)))]
  }
}
