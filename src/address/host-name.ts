import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_SNI } from '@multiformats/multiaddr'
import type { Component } from '@multiformats/multiaddr'

/** The protocols of the host that an address begins with */
export const HOST_NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6])

/** The protocols of all names */
export const NAMES = new Set([...HOST_NAMES, CODE_DNSADDR, CODE_SNI])

/** The characters at which a URL ends a host, or drops one, while DNS reads on: WebSockets and TCP would connect to different hosts */
const STRAY = /[\s\p{Cc}\\/?#@]/u

/** An IPv6 address without brackets, and its zone */
const BARE_IP6 = /^([\da-f]*:[\da-f]*:[\da-f:.]*)(?:%[\w.:-]+)?$/i

/**
 * Returns a host in the form in which URLs and DNS compare it: lower case, ASCII, without a trailing dot. An octal, hexadecimal, short or full-width
 * literal becomes its IP address, an IPv6 address gets brackets and loses its zone. An invalid host is returned in lower case. Never throws
 *
 * @param host the host of a URL, or the value of a `/dns` or `/sni` component
 */
export function hostNameOf (host: string): string {
  const name = findForbiddenCharacter(host) == null ? parsed(host.replace(BARE_IP6, '[$1]')) : undefined

  return (name ?? host.toLowerCase()).replace(/\.+$/, '')
}

/** Returns the first character that is not allowed in a host. Undefined: there is none */
export function findForbiddenCharacter (host: string): string | undefined {
  return STRAY.exec(host)?.[0]
}

/** Returns why a name in an address, or in that of its relay, is not a host name. Undefined: all are. Never throws */
export function whyNoHostName (components: readonly Component[]): string | undefined {
  for (const { code, value = '' } of components) {
    const stray = NAMES.has(code) ? findForbiddenCharacter(value) : undefined

    if (stray != null) {
      return `no host name has ${JSON.stringify(stray)} in it`
    }
  }
}

/** Returns undefined for a host that no URL can have */
function parsed (host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname
  } catch {}
}
