import { CODE_IPCIDR, isMultiaddr } from '@multiformats/multiaddr'
import { whyNoHostName } from '../address/host-name.ts'
import { NAMES } from './keys.ts'
import type { BanTarget, ParsedBanTarget } from './target.ts'

/**
 * The protocols that cannot begin an address, because they need another one before them. Not `webrtc`: the remote address of a WebRTC connection is
 * `/webrtc/p2p/<peer>`
 */
const NEVER_FIRST = new Set([
  'certhash', 'dccp', 'http', 'https', 'ipcidr', 'noise', 'p2p-circuit', 'quic', 'quic-v1', 'sctp', 'sni', 'tcp', 'tls', 'udp', 'udt', 'utp', 'webrtc-direct',
  'webtransport', 'ws', 'wss'
])

/** Returns why no address can match a ban, and what to write instead. Undefined: an address may match */
export function whyUnmatchable (given: BanTarget, { target, prefix }: ParsedBanTarget): string | undefined {
  if (!isMultiaddr(target)) {
    return
  }

  const components = target.getComponents()
  const first = components[0]?.name ?? ''

  if (NEVER_FIRST.has(first)) {
    return `no address begins with /${first}: a host stands first, as in '/ip4/203.0.113.5/tcp/4001'`
  }

  if (prefix == null && components.some(({ code }) => code === CODE_IPCIDR)) {
    return 'a range is of whole IP addresses, as \'203.0.113.0/24\''
  }

  // a remote peer's address may contain a wildcard, and the application may ban it: only written text is refused
  const isWritten = typeof given === 'string' || components.length === 1

  if (isWritten && components.some(({ code, value }) => NAMES.has(code) && value?.includes('*') === true)) {
    return 'there are no wildcards'
  }

  return whyNoHostName(components)
}
