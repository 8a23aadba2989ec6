// start and stop
import { serviceCapabilities } from '@libp2p/interface'
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { hang, tap } from './tap.ts'

contract('a node that is stopped and started again dials again, three times', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])

  for (let round = 0; round < 3; round++) {
    leadsTo(t, await dialler.dial(addressesOf(remote)), remote)
    await dialler.stop()
    t.deepEqual(dialler.getConnections(), [])
    await dialler.start()
  }

  leadsTo(t, await dialler.dial(addressesOf(remote)), remote)
})

contract('repeated start() and stop() of the dial queue change nothing', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])
  const { connectionManager: { dialQueue } } = (dialler as any).components

  dialQueue.start()
  dialQueue.start()
  leadsTo(t, await dialler.dial(addressesOf(remote)), remote)

  dialQueue.stop()
  dialQueue.stop()
  dialQueue.start()
  leadsTo(t, await dialler.dial(addressesOf(remote), { force: true }), remote)
})

contract('stop() ends running dials, and start() does not repeat them', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const dials = [1, 2].map(async () => rejection(dialler.dial(at)))
  await until(() => wire.dials.length, count => count === 1)

  await dialler.stop()
  t.deepEqual((await Promise.all(dials)).map(({ name }) => name), ['AbortError', 'AbortError'])
  t.true(wire.dials[0]?.signal.aborted)

  await dialler.start()
  t.deepEqual(dialler.getDialQueue(), [])
  t.is(wire.dials.length, 1)
})

for (const when of ['before', 'after'] as const) {
  contract(`a service made ${when} the dialer that keeps the connection manager dials through it`, async (t, { name, node }) => {
    const wire = tap()
    // a numeric key comes before all others
    const services = { [when === 'before' ? '0' : 'later']: (components: any) => new Dials(components.connectionManager) }
    const [dialler, remote] = await Promise.all([node({ transports: [wire.transport], services }), listening(t)])

    const service = Object.values<any>(dialler.services).find(service => service instanceof Dials) as Dials

    leadsTo(t, await service.dial(addressesOf(remote)), remote)

    t.deepEqual(Object.keys(dialler.services).indexOf('dialer'), name === 'stock' ? -1 : Number(when === 'before'))
    t.is((dialler.services as any).dialer?.traces(remote.peerId).length, name === 'stock' ? undefined : 1)
    t.is(wire.dials.length, 1)
  })
}

contract('a service may dial in its start()', async (t, { node }) => {
  const wire = tap()
  const remote = await listening(t)
  const dialler = await node({ transports: [wire.transport], services: { early: (components: any) => new Dials(components.connectionManager, addressesOf(remote)) } })

  const connection = await until(() => dialler.getConnections()[0], connection => connection != null)
  t.true(connection?.remotePeer.equals(remote.peerId))
  t.deepEqual(wire.addresses, [`${addressesOf(remote)[0]}`])
})

contract('dials made while the node stops leave nothing pending', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { peer }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  const stopping = dialler.stop()
  const dials = [1, 2].map(async n => rejection(dialler.dial(address(n, peer), { signal: AbortSignal.timeout(1_000) })))
  await Promise.all([stopping, ...dials])

  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
  t.true(wire.dials.every(({ signal }) => signal.aborted))
})

/** A service that takes the connection manager in its constructor and uses it later */
class Dials {
  readonly [serviceCapabilities]: string[] = []
  readonly #connectionManager: any
  readonly #target: unknown

  constructor (connectionManager: any, target?: unknown) {
    this.#connectionManager = connectionManager
    this.#target = target
  }

  async dial (target: unknown): Promise<any> {
    return this.#connectionManager.openConnection(target)
  }

  start (): void {}

  afterStart (): void {
    if (this.#target != null) {
      void this.dial(this.#target)
    }
  }

  stop (): void {}
}
