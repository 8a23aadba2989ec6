import { isLoopback, isPrivate } from '@libp2p/utils'
import { filter } from '../pipeline/filter.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Keeps addresses that lead out of this machine and its network, whoever gave them */
export function publicOnly (): StageInit<'candidates', 'candidates', 'public-only'> {
  return filter('public-only', ({ multiaddr }) => {
    if (isLoopback(multiaddr)) {
      return 'a loopback address'
    }

    return !isPrivate(multiaddr) || 'a private address'
  })
}
