import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_SNI } from '@multiformats/multiaddr'
import type { Component } from '@multiformats/multiaddr'

const NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_SNI])

/** Where a URL ends a host, cuts it or drops a character, and DNS reads on: a WebSocket and TCP would connect to different hosts */
const STRAY = /[\s\p{Cc}\\/?#@]/u

/** An IPv6 address without brackets, and its zone */
const BARE_IP6 = /^([\da-f]*:[\da-f]*:[\da-f:.]*)(?:%[\w.:-]+)?$/i

/**
 * Returns a host as URLs and DNS compare it: in lower case, in ASCII and without a trailing dot. An octal, hexadecimal, short or full-width
 * literal is returned as the IP address that it means, an IPv6 address in brackets and without its zone. What cannot be a host is returned
 * in lower case. Never throws
 *
 * @param host the host of a URL, or of a `/dns` or `/sni` component
 */
export function hostNameOf (host: string): string {
  const name = strayIn(host) == null ? parsed(host.replace(BARE_IP6, '[$1]')) : undefined

  return (name ?? host.toLowerCase()).replace(/\.+$/, '')
}

/** Returns the first character of a host that no host has */
export function strayIn (host: string): string | undefined {
  return STRAY.exec(host)?.[0]
}

/** Why a name in an address, or in that of its relay, is no host name. Undefined where all are. Never throws */
export function whyNoHost (components: readonly Component[]): string | undefined {
  for (const { code, value = '' } of components) {
    const stray = NAMES.has(code) ? strayIn(value) : undefined

    if (stray != null) {
      return `no host name has ${JSON.stringify(stray)} in it`
    }
  }
}

/** Returns undefined for what no URL can have */
function parsed (host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname
  } catch {}
}
