import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { DialObservers } from '../../../src/dialer/events/dial-observers.ts'
import { newPeer, world } from '../../helpers/scripted.ts'
import type { DialerEvents } from '../../../src/dialer/events/types.ts'

test('metrics that throw do not suppress the events of a connection', async t => {
  const target = new TypedEventEmitter<DialerEvents>()
  const observation = new DialObservers(target, { logger: world().components.logger, peerId: await newPeer() })
  const throws = (): never => { throw new Error('The registry is full') }
  const heard: string[] = []
  observation.metrics = { preferredChanged: throws, connectionAdded: throws } as any
  target.addEventListener('connection:preferred', ({ type }) => { heard.push(type) })
  target.addEventListener('connection:additional', ({ type }) => { heard.push(type) })
  observation.preferredChanged({} as any)
  observation.connectionAdded({} as any)

  t.deepEqual(heard, ['connection:preferred', 'connection:additional'])
})
