import { DialDeniedError, NoValidAddressesError } from '../pipeline/errors.ts'
import type { Story } from '../pipeline/story.ts'
import type { PeerId } from '@libp2p/interface'

/** The error of a dial that gave no connection, as libp2p's own dialer words it */
export function dialError ({ errors }: Story, denied: boolean, peerId?: PeerId): Error {
  const [first] = errors

  if (first != null && !errors.every(({ name }) => name === 'DialDeniedError')) {
    return errors.length === 1 ? first : new AggregateError(errors, 'All multiaddr dials failed')
  }

  const peer = peerId?.toString() ?? 'unknown peer'

  return denied || first != null
    ? new DialDeniedError(`The connection gater denied all addresses in the dial request for peer: ${peer}`)
    : new NoValidAddressesError(`The dial request has no valid addresses for peer: ${peer}`)
}
