import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { CLOCK, FUNCTION, hasMethods, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { PreferredStream } from './preferred-stream.ts'
import type { FollowInit, OpenStream, PreferredEvents, StreamFollower } from './stream-follower.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Checks for `preferred()` too: a node has events as well, but never dispatches the dialer's */
const DIALER: OptionKind = {
  expected: 'the dialer of a node',
  test: value => hasMethods(value, 'preferred', 'addEventListener', 'removeEventListener')
}

const CONNECTION: OptionKind = { expected: 'a connection', test: value => hasMethods(value, 'newStream') }

/**
 * Keeps a stream of your application on the preferred connection to a peer. When another connection is preferred, `followPreferred()`
 * opens a new stream there. It switches to the new stream when the old one is idle.
 *
 * - If the new stream fails to open, or closes before the switch, the old stream stays.
 * - If the old stream is lost with its connection, a new one on the connection that is then preferred takes over as soon as it is open.
 * - If either side closes the current stream, and its connection is still open a second later, following ends.
 *
 * `followPreferred()` sees bytes, not messages. A pause within a message, and a request whose answer has not arrived yet, look
 * idle. If your protocol pauses there for longer than `idle`, say so with `isIdle`.
 *
 * Nothing is sent again, and nothing is reordered. Your protocol must say how a conversation resumes on a new stream: `open` is the
 * place for it. To move one stream between connections without any of this, see `libp2p-dial-pipeline/stream-migration`.
 *
 * @param dialer the node's dialer, `node.services.dialer`
 * @param connection the connection of the first stream
 * @param open opens each stream, the first one included
 * @throws InvalidParametersError for a wrong argument, an unknown or wrong option, or if `open` returns no stream
 * @throws what `open` throws for the first stream
 */
export async function followPreferred (dialer: PreferredEvents, connection: Connection, open: OpenStream, init: FollowInit = {}): Promise<StreamFollower> {
  checkArguments('followPreferred()', arguments, 4, undefined, InvalidParametersError)
  checkValue('followPreferred()', dialer, DIALER, InvalidParametersError, 'dialer')
  checkValue('followPreferred()', connection, CONNECTION, InvalidParametersError, 'connection')
  checkValue('followPreferred()', open, FUNCTION, InvalidParametersError, 'open')
  checkOptions('followPreferred()', init, { idle: MILLISECONDS, isIdle: FUNCTION, onSwitch: FUNCTION, clock: CLOCK }, InvalidParametersError)
  const stream = new PreferredStream(dialer, connection, checked(open), init)
  await stream.begin()

  return stream
}

function checked (open: OpenStream): OpenStream {
  return async (connection, signal) => {
    const stream: unknown = await open(connection, signal)

    if (!hasMethods(stream, 'addEventListener', 'close', 'abort')) {
      throw new InvalidParametersError(`open() of followPreferred() returned ${describeValue(stream)}: return the stream`)
    }

    return stream as Stream
  }
}
