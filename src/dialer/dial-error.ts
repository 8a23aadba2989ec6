import { DialDeniedError, NoValidAddressesError } from '../pipeline/errors.ts'
import type { Story } from '../pipeline/story.ts'
import type { PeerId } from '@libp2p/interface'

/** The error of a dial that gave no connection, as libp2p's own dialer words it */
export function dialError ({ errors }: Story, denied: boolean, peerId?: PeerId): Error {
  const [first] = errors
  const peer = peerId?.toString() ?? 'unknown peer'

  if (errors.length === 1) {
    return first as Error
  }

  if (errors.length === 0 ? denied : errors.every(({ name }) => name === 'DialDeniedError')) {
    return new DialDeniedError(`The connection gater denied all addresses in the dial request for peer: ${peer}`)
  }

  return first == null
    ? new NoValidAddressesError(`The dial request has no valid addresses for peer: ${peer}`)
    : new AggregateError(errors, 'All multiaddr dials failed')
}
