import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { DialObservers } from '../../../src/dialer/events/dial-observers.ts'
import { systemClock } from '../../../src/pipeline/clock.ts'
import { world } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialerEvents } from '../../../src/dialer/events/types.ts'

test('metrics that throw do not suppress the events of a connection', async t => {
  const target = new TypedEventEmitter<DialerEvents>()
  const observers = new DialObservers(target, { logger: world().components.logger, peerId: await newPeer() }, systemClock)
  const throws = (): never => { throw new Error('The registry is full') }
  const heard: string[] = []
  observers.add({ preferredChanged: throws, connectionAdded: throws })
  target.addEventListener('connection:preferred', ({ type }) => { heard.push(type) })
  target.addEventListener('connection:additional', ({ type }) => { heard.push(type) })
  observers.all.preferredChanged({} as any)
  observers.all.connectionAdded({} as any)

  t.deepEqual(heard, ['connection:preferred', 'connection:additional'])
})
