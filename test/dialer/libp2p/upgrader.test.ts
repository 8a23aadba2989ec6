import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { closeFailedUpgrades, watchBytes } from '../../../src/dialer/libp2p/upgrader.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

/** A raw connection with only the members that an upgrader uses */
function connectionOf (address: string): any {
  return Object.assign(new TypedEventEmitter<any>(), { remoteAddr: multiaddr(address) })
}

class FakeUpgrader {
  async upgradeInbound (): Promise<void> {}

  async upgradeOutbound (maConn: any): Promise<unknown> {
    return { maConn }
  }
}

function scene (): { upgrader: any, count: () => number, end: () => void } {
  const upgrader = new FakeUpgrader()
  let count = 0

  return { upgrader, count: () => count, end: watchBytes(upgrader as any, () => { count++ }) }
}

const bytes = (maConn: any): void => { maConn.safeDispatchEvent('message', {}) }

for (const direction of ['upgradeInbound', 'upgradeOutbound'] as const) {
  test(`watchBytes() hears bytes on a connection after the upgrade: ${direction}`, async t => {
    const { upgrader, count } = scene()
    const maConn = connectionOf('/ip4/7.7.7.7/tcp/1')
    const upgraded = upgrader[direction](maConn)
    t.is(maConn.listenerCount('message'), 0)
    t.deepEqual(await upgraded, direction === 'upgradeInbound' ? undefined : { maConn })
    bytes(maConn)
    bytes(maConn)

    t.is(count(), 2)
  })

  test(`watchBytes() passes on a failed upgrade, and adds no listener: ${direction}`, async t => {
    const upgrader = { upgradeInbound: async () => { throw new Error('denied') }, upgradeOutbound: async () => { throw new Error('denied') } }
    watchBytes(upgrader as any, () => { t.fail() })
    const maConn = connectionOf('/ip4/7.7.7.7/tcp/1')
    await t.throwsAsync((upgrader[direction] as any)(maConn), { message: 'denied' })

    t.is(maConn.listenerCount('message'), 0)
  })
}

test('watchBytes() ignores connections to this machine', async t => {
  const { upgrader, count } = scene()

  for (const address of ['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1/ws', '/memory/a', '/dns4/localhost/tcp/1']) {
    const maConn = connectionOf(address)
    await upgrader.upgradeInbound(maConn)
    bytes(maConn)
  }

  t.is(count(), 0)
})

test('watchBytes() restores the upgrader at its end, and stops listening to open connections', async t => {
  const { upgrader, count, end } = scene()
  const maConn = connectionOf('/ip4/7.7.7.7/tcp/1')
  await upgrader.upgradeInbound(maConn)
  end()
  bytes(maConn)

  t.is(count(), 0)
  t.is(upgrader.upgradeInbound, FakeUpgrader.prototype.upgradeInbound)
  t.is(upgrader.upgradeOutbound, FakeUpgrader.prototype.upgradeOutbound)
})

for (const [address, ends] of [['/ip4/7.7.7.7/tcp/1', 'abort too late'], ['/ip4/7.7.7.7/tcp/1/ws', 'close']] as const) {
  test(`closeFailedUpgrades() ends the connection of an aborted upgrade that never settles: ${address}`, t => {
    const upgrader = { upgradeOutbound: async () => new Promise<never>(() => {}) }
    // `any`: an upgrader with no more than is called
    closeFailedUpgrades(upgrader as any, new VirtualClock(0))
    const calls: string[] = []
    const maConn = Object.assign(connectionOf(address), { close: async () => { calls.push('close') }, abort: ({ message }: Error) => { calls.push(`abort ${message}`) } })
    const controller = new AbortController()
    // `any`: the stand-in declares no arguments, and closeFailedUpgrades() has replaced it
    void (upgrader.upgradeOutbound as any)(maConn, { signal: controller.signal })
    t.deepEqual(calls, [])

    controller.abort(new Error('too late'))
    t.deepEqual(calls, [ends])
  })
}
