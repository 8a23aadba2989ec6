import { parseIp } from '../address/ip.ts'

/** A host with an optional port. With a port, an IPv6 address has brackets, as in a URL */
const HOST_AND_PORT = /^(?:\[([\da-f:.]+)\]|([^[\]:/\s]+))(?::(\d{1,5}))?$/i

/** A name with a dot, which a mistyped peer id does not have. The last label is not a number, as it would be in an IP address */
const NAME = /\.[^.\d][^.]*\.?$/

/** Returns what to write instead of a text that cannot be banned. Undefined: it cannot be guessed */
export function hintFor (text: string): string | undefined {
  if (text.includes('*')) {
    return noWildcards(text)
  }

  return text.includes('/') ? hintForRange(text.replace(/^\/ip[46]\//, '')) : hintForHost(text)
}

/** Returns the hint that there are no wildcards, with a replacement if it can be guessed */
export function noWildcards (text: string): string {
  const instead = rangeOf(text.replace(/^\/(ip4|dns[46]?)\//, '')) ?? withoutWildcard(text)

  return `there are no wildcards${instead == null ? '' : `: write ${instead}`}`
}

/** Returns the range of `203.0.*`: all octets from the first wildcard on must be wildcards */
function rangeOf (host: string): string | undefined {
  const octets = host.split('.')
  const fixed = octets.slice(0, octets.indexOf('*'))
  const network = [...fixed, 0, 0, 0, 0].slice(0, 4).join('.')

  if (octets.length > 1 && octets.length <= 4 && octets.slice(fixed.length).every(octet => octet === '*') && parseIp(network) != null) {
    return `the range '${network}/${fixed.length * 8}'`
  }
}

function withoutWildcard (text: string): string | undefined {
  const port = /^([^*]+)\/\w+\/\*$/.exec(text)?.[1]
  const name = text.startsWith('/') ? text : `/dns4/${text}`

  if (port != null) {
    return `'${port}' for all`
  }

  return /^\/[^*]+\/\*\.[^*:]*[a-z][^*:]*$/i.test(name) ? `each name, as '${name.replace('*', 'a')}'` : undefined
}

function hintForRange (text: string): string | undefined {
  const [ip = '', length = '', ...more] = text.split('/')
  const bits = ip.includes(':') ? 128 : 32

  if (parseIp(ip) == null || more.length > 0) {
    return
  }

  if (/^\d+$/.test(length)) {
    return Number(length) > bits ? `the prefix length is ${length}, more than ${bits}` : `write '${text}'`
  }

  const ones = /^1+(?=0*$)/.exec(Array.from(parseIp(length) ?? [], octet => octet.toString(2).padStart(8, '0')).join(''))?.[0]

  return ones == null ? undefined : `write '${ip}/${ones.length}'`
}

function hintForHost (text: string): string | undefined {
  const [, ip6, host = ip6 ?? '', port] = HOST_AND_PORT.exec(text) ?? []
  const version = parseIp(host) == null ? undefined : host.includes(':') ? 6 : 4

  if (version == null && !NAME.test(host)) {
    return
  }

  const all = version == null ? `/dns4/${host}` : host
  const one = `/${version == null ? 'dns4' : `ip${version}`}/${host}/tcp/${port}`

  return port == null ? `write '${all}'` : `write '${one}' for the port, or '${all}' for all`
}
