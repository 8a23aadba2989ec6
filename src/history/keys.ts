import { ipOf } from '../address/ip.ts'
import { hostOf } from '../address/network.ts'
import { scopeOf } from '../address/scope.ts'
import { peerOf } from '../pipeline/candidate.ts'
import { routeOf } from './route.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Route } from './route.ts'

/** Under what the outcomes of a candidate are kept */
export interface Keys {
  readonly address: string
  readonly peer?: string
  /** The name or IP address of the first hop; undefined: none */
  readonly host?: string
  /** The address leads to this machine */
  readonly isLocal: boolean
  /** The host, where DNS has to resolve it: it says whether DNS works */
  readonly name?: string
  readonly prefix?: string
  /** Transport, network and IP version, as `tcp public 4` */
  readonly pathClass: string
  readonly route: Route
  /** To a public address over UDP */
  readonly isUdp: boolean
  /** To a public IPv6 address */
  readonly isIp6: boolean
}

export function keysOf ({ id, multiaddr }: Candidate): Keys {
  const route = routeOf(multiaddr)
  const { network, host, version, isUdp, prefix } = hostOf(multiaddr)
  // what becomes of it is for others to say than the host that it begins with
  const isIndirect = route.transport === 'circuit' || route.transport === 'webrtc'
  const isPublic = network === 'public' && !isIndirect
  const isLocal = scopeOf(multiaddr) === 'loopback'

  return {
    address: id,
    peer: peerOf(multiaddr),
    host,
    isLocal,
    name: network === 'name' && !isLocal && ipOf(multiaddr) == null ? host : undefined,
    prefix: isIndirect ? undefined : prefix,
    pathClass: version == null ? `${route.transport} ${network}` : `${route.transport} ${network} ${version}`,
    route,
    isUdp: isPublic && isUdp,
    isIp6: isPublic && version === 6
  }
}
