/**
 * Returns a host as URLs and DNS compare it: in lower case, in ASCII and without a trailing dot. An octal, hexadecimal, short or full-width
 * literal is returned as the IP address that it means, an IPv6 address in brackets and without its zone. Never throws
 *
 * @param host the host of a URL, or of a `/dns` or `/sni` component
 */
export function hostNameOf (host: string): string {
  const name = parsed(host) ?? parsed(`[${host.replace(/^\[|\]$/g, '').replace(/%.*/s, '')}]`) ?? host.toLowerCase()

  return name.replace(/\.+$/, '')
}

/** Returns undefined for what no URL can have */
function parsed (host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname
  } catch {}
}
