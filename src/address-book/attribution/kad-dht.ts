import type { SourceTags } from './source-tags.ts'
import type { PeerId } from '@libp2p/interface'

/** The method that reads an answer, and emits its peers */
const READ_ANSWER = '_writeReadMessage'

/** The parts of @libp2p/kad-dht's network, 16.0 to 16.4, that attribution uses */
interface Network {
  sendRequest: (to: PeerId, message: object, options: unknown) => AsyncIterable<any>
  [READ_ANSWER]: (stream: unknown, message: object, options: unknown) => Promise<unknown>
  safeDispatchEvent: (type: string, init: { detail?: unknown }) => boolean
}

/**
 * Tags the addresses in a DHT answer with the peer that gave it. The answer arrives twice: as `peer` events while it is read, and then as an event
 * of the query, with other objects.
 *
 * @throws if the DHT's network has another shape
 */
export function wrapNetwork ({ network }: { network?: Network }, sourceTags: SourceTags): void {
  if (typeof network?.sendRequest !== 'function' || typeof network[READ_ANSWER] !== 'function' || typeof network.safeDispatchEvent !== 'function') {
    throw new Error('it is not known which peer gave a DHT answer')
  }

  const { sendRequest, [READ_ANSWER]: readAnswer } = network
  // the peer that was asked, by the message of the request: the method that reads the answer gets the same object
  const asked = new WeakMap<object, PeerId>()

  network.sendRequest = async function * (reporter, message, options) {
    const request = { ...message }
    asked.set(request, reporter)

    for await (const event of sendRequest.call(network, reporter, request, options)) {
      if (event.name === 'PEER_RESPONSE') {
        [...event.closer, ...event.providers].forEach(info => { sourceTags.markInfo(info, { source: 'dht', reporter }) })
      }

      yield event
    }
  }

  network[READ_ANSWER] = async (stream, message, options) => {
    const reporter = asked.get(message)

    return readAnswer.call(reporter == null ? network : heardFrom(network, reporter, sourceTags), stream, message, options)
  }
}

/** Returns the network through which the answer of one peer is read: the addresses in its events are tagged with that peer */
function heardFrom (network: Network, reporter: PeerId, sourceTags: SourceTags): Network {
  return Object.create(network, {
    safeDispatchEvent: {
      value: (type: string, init: { detail?: unknown }) => {
        sourceTags.markInfo(init.detail, { source: 'dht', reporter })

        return network.safeDispatchEvent(type, init)
      }
    }
  }) as Network
}
