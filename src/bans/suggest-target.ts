import { parseIp } from '../address/ip.ts'

/** The octets of an IPv4 range that are written in full. Wildcards follow */
const WILDCARD_IP4 = /^(?:\d{1,3}\.){1,3}(?:\*\.){0,2}\*$/

/**
 * Returns the target that a text with another notation probably means: of a host name, a URL, a host with a port, an IPv6 address in brackets, or an IPv4
 * address with wildcards. Undefined: no guess
 */
export function suggestTarget (text: string): string | undefined {
  return WILDCARD_IP4.test(text) ? rangeOf(text) : hostOf(text)
}

/** Returns the CIDR range of an IPv4 address with wildcards at its end */
function rangeOf (text: string): string | undefined {
  const octets = text.split('.')
  const range = octets.map(octet => octet === '*' ? '0' : octet).join('.')
  const isIp = octets.length === 4 && parseIp(range) != null

  return isIp ? `${range}/${octets.indexOf('*') * 8}` : undefined
}

function hostOf (text: string): string | undefined {
  const isUrl = text.includes('://')
  const host = isUrl || !text.includes('/') ? hostInUrl(isUrl ? text : `http://${text}`) : undefined

  // a URL also completes a host: `203.0.113` is `203.0.0.113` there, which nobody has written
  if (host == null || !text.toLowerCase().includes(host)) {
    return
  }

  if (parseIp(host) != null) {
    return host
  }

  // a text without a dot is more likely a wrong peer id than a name
  return /^[\w-]+(?:\.[\w-]+)+$/.test(host) ? `/dns4/${host}` : undefined
}

function hostInUrl (url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '')
  } catch {}
}
