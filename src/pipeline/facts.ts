import { ipToString } from '@chainsafe/netmask'
import { destinationsOf } from '../address/destinations.ts'
import { isLoopbackHost, isPrivateHost } from '../address/host.ts'
import { hostOf } from '../address/network.ts'
import { scopeOf } from '../address/scope.ts'
import { shapeOf } from '../address/shape.ts'
import type { Scope } from '../address/scope.ts'
import type { Transport } from '../address/shape.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What an address says by itself. Each fact is computed when it is first asked for, once for each multiaddr object */
export class Facts {
  readonly #multiaddr: Multiaddr
  #scope?: Scope
  #isLoopback?: boolean
  #isPrivate?: boolean
  #hosts?: readonly string[]

  constructor (multiaddr: Multiaddr) {
    this.#multiaddr = multiaddr
  }

  /** Over which transport it is dialled. `other`: none that this package knows */
  get transport (): Transport {
    return shapeOf(this.#multiaddr).transport
  }

  /** How far its first hop is away: `public`, `private`, `loopback`, `name`, … Of a relayed address that is said of the relay */
  get scope (): Scope {
    return (this.#scope ??= scopeOf(this.#multiaddr))
  }

  /** The IP version of its first hop. Undefined: a name, or no host */
  get family (): 4 | 6 | undefined {
    return hostOf(this.#multiaddr).version
  }

  /** The /24 of an IPv4 address, the /48 of an IPv6 one: what one site usually has. Undefined: the loopback, or no IP address */
  get prefix (): string | undefined {
    return hostOf(this.#multiaddr).prefix
  }

  /** It leads through a relay, and nothing else is negotiated over that: `/p2p-circuit/webrtc` is not relayed */
  get isRelayed (): boolean {
    return this.transport === 'circuit'
  }

  /** Its transport says nothing of an attempt before that has connected */
  get isMute (): boolean {
    return shapeOf(this.#multiaddr).isMute
  }

  /** The rank of its transport in libp2p's own order, the most reliable first: 0 to 6 */
  get reliability (): number {
    return shapeOf(this.#multiaddr).reliability
  }

  /** Whether libp2p takes its first hop for this machine */
  get isLoopback (): boolean {
    return (this.#isLoopback ??= isLoopbackHost(this.#multiaddr))
  }

  /** Whether libp2p takes its first hop for a host of a private network, or of this machine */
  get isPrivate (): boolean {
    return (this.#isPrivate ??= isPrivateHost(this.#multiaddr))
  }

  /** The hosts to which a TCP connection of its own leads: IP addresses and names. None: it makes no TCP connection of its own */
  get tcpHosts (): readonly string[] {
    return (this.#hosts ??= tcpHostsOf(this.#multiaddr))
  }
}

const known = new WeakMap<Multiaddr, Facts>()

export function factsOf (multiaddr: Multiaddr): Facts {
  const facts = known.get(multiaddr) ?? new Facts(multiaddr)
  known.set(multiaddr, facts)

  return facts
}

function tcpHostsOf (multiaddr: Multiaddr): readonly string[] {
  const { isTcp, isPlainIp4 } = shapeOf(multiaddr)

  // the most common kind, of which the text is the host
  if (isPlainIp4) {
    return [multiaddr.getComponents()[0]?.value as string]
  }

  // one that its address names twice counts once
  return isTcp ? [...new Set(destinationsOf(multiaddr).map(({ ip, name }) => ip == null ? name : ipToString(ip)))] : []
}
