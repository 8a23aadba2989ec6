import { isMultiaddr } from '@multiformats/multiaddr'
import { describeValue } from './describe-value.ts'
import type { Dial } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Logs and skips what is no multiaddr in an answer: it costs no other address */
export function onlyMultiaddrs (found: readonly unknown[], dial: Dial): Multiaddr[] {
  return found.filter((one): one is Multiaddr => {
    try {
      if (isMultiaddr(one)) {
        return true
      }
    } catch {
      // a proxy that was revoked is none
    }

    dial.log.error('skipped %s, which is no multiaddr', describeValue(one))

    return false
  })
}
