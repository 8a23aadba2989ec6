import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { wrapNetwork } from '../../../src/address-book/attribution/kad-dht.ts'
import { SourceTags } from '../../../src/address-book/attribution/source-tags.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'

const READ_ANSWER = '_writeReadMessage'

/** Answers like the network of @libp2p/kad-dht, on demand */
class Network {
  readonly heard: PeerInfo[] = []
  readonly streams: Array<() => void> = []
  isDone = false

  async * sendRequest (to: PeerId, message: { id: PeerId }, options: object): AsyncGenerator<any> {
    try {
      yield { name: 'DIAL_PEER', to, options }
      const stream = { to: to.toString() }
      const answer = await this[READ_ANSWER](stream, message)
      yield { name: 'PEER_RESPONSE', from: to, closer: [answer(), answer()], providers: [answer()] }
    } finally {
      this.isDone = true
    }
  }

  async [READ_ANSWER] (stream: { to: string }, { id }: { id: PeerId }): Promise<() => PeerInfo> {
    await new Promise<void>(resolve => { this.streams.push(resolve) })
    const answer = (): PeerInfo => ({ id, multiaddrs: [multiaddr(`/dns4/${stream.to}.test/tcp/1`)] })
    this.safeDispatchEvent('peer', { detail: answer() })

    return answer
  }

  safeDispatchEvent (_type: string, { detail }: { detail: PeerInfo }): boolean {
    this.heard.push(detail)

    return true
  }
}

test('marks each DHT answer with the peer that gave it, also for two concurrent requests with the same message', async t => {
  const [network, sourceTags, message] = [new Network(), new SourceTags(), { id: await newPeer() }]
  const peers = await Promise.all([newPeer(), newPeer()])
  // `any`: the network of a DHT also has private members
  wrapNetwork({ network: network as any }, sourceTags)

  const answers = Promise.all(peers.map(async to => {
    const infos: PeerInfo[] = []

    for await (const event of network.sendRequest(to, message, {})) {
      infos.push(...event.closer ?? [], ...event.providers ?? [])
    }

    return infos
  }))

  // answers in reverse order of the queries
  while (network.streams.length < 2) {
    await Promise.resolve()
  }

  network.streams.toReversed().forEach(answer => { answer() })

  const infos = [...(await answers).flat(), ...network.heard]
  t.is(infos.length, 8)

  for (const { multiaddrs: [address] } of infos) {
    const testimony = address == null ? undefined : sourceTags.of(address)
    t.is(testimony?.source, 'dht')
    t.is(address?.toString(), `/dns4/${testimony?.reporter}.test/tcp/1`)
  }

  t.deepEqual(Object.keys(message), ['id'])
})

test('leaving a wrapped DHT query early ends the original query', async t => {
  const network = new Network()
  // `any`: the network of a DHT also has private members
  wrapNetwork({ network: network as any }, new SourceTags())

  for await (const event of network.sendRequest(await newPeer(), { id: await newPeer() }, {})) {
    t.is(event.name, 'DIAL_PEER')
    break
  }

  t.true(network.isDone)
})

test('wrapNetwork() throws for a network without one of the expected methods, and changes nothing', t => {
  const whole = { sendRequest: () => {}, [READ_ANSWER]: () => {}, safeDispatchEvent: () => {} }

  for (const missing of Object.keys(whole)) {
    const network: any = { ...whole, [missing]: undefined }
    const before = { ...network }
    t.throws(() => { wrapNetwork({ network }, new SourceTags()) }, { message: /which peer gave a DHT answer/ }, missing)
    t.deepEqual(network, before)
  }

  t.throws(() => { wrapNetwork({}, new SourceTags()) }, { message: /which peer gave a DHT answer/ })
})
