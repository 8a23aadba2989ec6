import { isMultiaddr } from '@multiformats/multiaddr'
import { describeValue } from './describe-value.ts'
import type { Dial } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Logs and skips what is no multiaddr in an answer: it costs no other address */
export function * onlyMultiaddrs (found: Iterable<unknown>, dial: Dial): Generator<Multiaddr> {
  for (const one of found) {
    if (isSafelyMultiaddr(one)) {
      yield one
    } else {
      dial.log.error('skipped %s, which is no multiaddr', describeValue(one))
    }
  }
}

function isSafelyMultiaddr (value: unknown): value is Multiaddr {
  try {
    return isMultiaddr(value)
  } catch {
    return false
  }
}
