import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_SNI } from '@multiformats/multiaddr'
import { strayIn } from './host-name.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_SNI])

/** Why a name in an address, or in that of its relay, is no host name. Undefined where all are. Never throws */
export function whyNoHost (multiaddr: Multiaddr): string | undefined {
  for (const { code, value = '' } of multiaddr.getComponents()) {
    const stray = NAMES.has(code) ? strayIn(value) : undefined

    if (stray != null) {
      return `no host name has ${JSON.stringify(stray)} in it`
    }
  }
}
