import { isMultiaddr } from '@multiformats/multiaddr'
import { describeValue } from './describe-value.ts'
import type { Dial } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Returns the multiaddrs of an answer. Anything else is logged and skipped */
export function onlyMultiaddrs (found: readonly unknown[], dial: Dial): Multiaddr[] {
  return found.filter((one): one is Multiaddr => {
    try {
      if (isMultiaddr(one)) {
        return true
      }
    } catch {
      // a revoked proxy is no multiaddr
    }

    dial.log.error('skipped %s, which is no multiaddr', describeValue(one))

    return false
  })
}
