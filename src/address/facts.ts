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

/** The part of a path that some networks block */
export type PathKind = 'udp' | 'ip6'

/** The network of the first hop. `name`: unresolved. `machine`: no host, as in memory and unix addresses, and in a relayed one with only the relay's peer id */
export type Network = 'public' | 'private' | 'loopback' | 'name' | 'machine'

const PATH_KINDS = { none: [], udp: ['udp'], ip6: ['ip6'], both: ['udp', 'ip6'] } as const

/** The properties of a multiaddr itself. Each fact is computed at its first use */
export class Facts {
  readonly #multiaddr: Multiaddr
  readonly #shape: Shape
  /** The value of the first host component */
  readonly #literal: string
  /** The peer that the address leads to: the last peer id in it. Undefined: it has none */
  readonly peer?: string
  #scope?: Scope
  #isLoopback?: boolean
  #isPrivate?: boolean
  #host?: string
  #prefix?: string
  #tcpHosts?: readonly string[]

  /** @param components the components of the multiaddr. A caller who has them saves a copy: the multiaddr copies them at each call */
  constructor (multiaddr: Multiaddr, components: readonly Component[] = multiaddr.getComponents()) {
    this.#multiaddr = multiaddr
    this.#shape = shapeOf(multiaddr, components)
    this.#literal = components[this.#shape.host]?.value ?? ''
    this.peer = components[this.#shape.peer]?.value
  }

  /** The transport that dials the address. `other`: this package knows none */
  get transport (): Transport {
    return this.#shape.transport
  }

  /** The scope of the first hop: `public`, `private`, `loopback`, `name`, …. For a relayed address that is the relay */
  get scope (): Scope {
    const { family, isFirst, hasSni } = this.#shape

    return (this.#scope ??= family != null && isFirst && !hasSni ? scopeOfLiteral(this.#literal, family) : scopeOf(this.#multiaddr))
  }

  /** The IP version of the first hop. Undefined: a name, or no host */
  get family (): 4 | 6 | undefined {
    return this.#shape.family
  }

  /** The network of the first hop, by libp2p's own tables */
  get network (): Network {
    const { family, host } = this.#shape

    if (family == null) {
      return host === -1 ? 'machine' : 'name'
    }

    return this.isLoopback ? 'loopback' : this.isPrivate ? 'private' : 'public'
  }

  /** The host of the first hop: an IP address, or a name normalised by `hostNameOf()`. Undefined: a loopback IP address, or no host */
  get host (): string | undefined {
    const { family, host } = this.#shape

    if (host === -1 || (family != null && this.isLoopback)) {
      return
    }

    return family == null ? (this.#host ??= hostNameOf(this.#literal)) : this.#literal
  }

  /** The site of the first hop: the /24 of an IPv4 address, the /48 of an IPv6 one. Undefined: a loopback address, or no IP address */
  get prefix (): string | undefined {
    if (this.family != null && !this.isLoopback) {
      return (this.#prefix ??= sitePrefixOf(this.#literal))
    }
  }

  /**
   * The path kinds of a public address. Empty for private and loopback addresses, which stay in this network, and for names. Empty for relayed
   * addresses too: a connection to the relay may be open, over any path
   */
  get pathKinds (): readonly PathKind[] {
    const { isIndirect, isUdp, family } = this.#shape

    // an address over TCP and IPv4 has no kind, in any network
    if (isIndirect || (!isUdp && family !== 6) || this.network !== 'public') {
      return PATH_KINDS.none
    }

    return isUdp ? family === 6 ? PATH_KINDS.both : PATH_KINDS.udp : PATH_KINDS.ip6
  }

  /** Whether the connection goes through a relay. False for `/p2p-circuit/webrtc`, which only negotiates through one */
  get isRelayed (): boolean {
    return this.#shape.transport === 'circuit'
  }

  /** Whether the transport reports nothing before it has connected */
  get isMute (): boolean {
    return this.#shape.isMute
  }

  /** The rank of the transport in libp2p's own order, 0 to 6, most reliable first */
  get reliability (): number {
    return this.#shape.reliability
  }

  /** Whether libp2p takes the first hop for this machine */
  get isLoopback (): boolean {
    const { family, isFirst } = this.#shape

    return (this.#isLoopback ??= family != null && isFirst && isLoopbackIp(this.#literal))
  }

  /** Whether libp2p takes the first hop for a host of a private network, or for this machine */
  get isPrivate (): boolean {
    const { family, isFirst } = this.#shape

    return (this.#isPrivate ??= isFirst && (family == null ? this.#literal === 'localhost' && isPrivate(this.#multiaddr) : isPrivateIp(this.#literal)))
  }

  /** The hosts, as IP addresses and names, of the TCP connection that the address opens itself. Empty: it opens none */
  get tcpHosts (): readonly string[] {
    return (this.#tcpHosts ??= this.#readTcpHosts())
  }

  #readTcpHosts (): readonly string[] {
    const { isTcp, family, isFirst, hasSni } = this.#shape

    if (!isTcp) {
      return []
    }

    // shortcut for the most common kind: its text is the host
    if (family === 4 && isFirst && !hasSni) {
      return [this.#literal]
    }

    // deduplicated: the address may name a host twice
    return [...new Set(destinationsOf(this.#multiaddr).map(({ ip, name }) => ip == null ? name : ipToString(ip)))]
  }
}
