import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { pacedClock } from '../helpers/paced-clock.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, listening } from './kit.ts'
import type { Connection, Libp2p } from '@libp2p/interface'

const TOPIC = 'news'

/** Resolves when a node receives a text that another publishes */
async function passes (from: Libp2p<any>, to: Libp2p<any>, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    to.services.pubsub.addEventListener('message', ({ detail: { data } }: CustomEvent<{ data: Uint8Array }>) => {
      if (new TextDecoder().decode(data) === text) {
        resolve()
      }
    })
    from.services.pubsub.publish(TOPIC, new TextEncoder().encode(text)).catch(reject)
  })
}

const carriesGossip = ({ streams }: Connection): boolean => streams.some(({ protocol }) => protocol.startsWith('/meshsub/'))

test('a connection that gossipsub uses stays open when another is preferred, and messages pass both ways', async t => {
  const paced = pacedClock(t)
  const pubsub = gossipsub()
  const node = await listening(t, { services: { identify: identify(), pubsub, dialer: dialer(adaptive(), { clock: paced.clock, convergence: { order: ['ws'] } }) } })
  const remote = await listening(t, { services: { identify: identify(), pubsub } })
  const ends = [node, remote]
  ends.forEach(({ services }) => { services.pubsub.subscribe(TOPIC) })

  const used = await node.dial(addressesOf(remote))
  await until(() => ends, both => both.every(({ services }) => services.pubsub.getSubscribers(TOPIC).length === 1))
  const preferred = await node.dial(addressesOf(remote, 'ws'), { force: true })
  const idle = await node.dial(addressesOf(remote), { force: true })
  paced.speed = 100
  await until(() => idle.status, status => status === 'closed')
  paced.speed = 1

  t.true(carriesGossip(used))
  t.deepEqual(node.getConnections(remote.peerId), [used, preferred])
  t.is(node.services.dialer.preferred(remote.peerId), preferred)
  await Promise.all([passes(node, remote, 'out'), passes(remote, node, 'back')])
})
