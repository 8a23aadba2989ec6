import type { SourceTags } from './source-tags.ts'
import type { PeerId } from '@libp2p/interface'

/** Where an answer is read, and told to the network's listeners */
const READ_ANSWER = '_writeReadMessage'

/** What attribution needs of @libp2p/kad-dht's network, 16.0 to 16.4 */
interface Network {
  sendRequest: (to: PeerId, message: object, options: unknown) => AsyncIterable<any>
  [READ_ANSWER]: (stream: unknown, message: object, options: unknown) => Promise<unknown>
  safeDispatchEvent: (type: string, init: { detail?: unknown }) => boolean
}

/**
 * Marks what a DHT answer says with the peer that gave it. The answer comes out twice: as `peer` events while it is read,
 * and as an event of the query afterwards, with other objects.
 *
 * @throws where the DHT's network is not made as it is known to be
 */
export function wrapNetwork ({ network }: { network?: Network }, sourceTags: SourceTags): void {
  if (typeof network?.sendRequest !== 'function' || typeof network[READ_ANSWER] !== 'function' || typeof network.safeDispatchEvent !== 'function') {
    throw new Error('it is not known which peer gave a DHT answer')
  }

  const { sendRequest, [READ_ANSWER]: readAnswer } = network
  // by the request's message, which is one object all the way to where the answer is read
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

/** The network while it reads one peer's answer: what it tells its listeners is marked */
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
