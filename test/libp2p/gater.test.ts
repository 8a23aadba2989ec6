import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { fromCaller, fromPeerStore, fromRouting, gater, pipeline, race } from '../../src/stages/index.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, attempted, dialling, leadsTo, listening } from './kit.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { ExecutionContext } from 'ava'

/** Gates hold for every attempt, whatever the pipeline. The contract tests them with a pipeline that has gater() */
const ungated = (): DialPipeline => pipeline(fromCaller(), race())

for (const [how, answer] of [['at once', (denied: boolean) => denied], ['after a while', async (denied: boolean) => denied]] as const) {
  test(`denyDialMultiaddr that answers ${how} is obeyed without gater()`, async t => {
    const remote = await listening(t)
    const [denied, allowed] = [addressesOf(remote)[0], addressesOf(remote, 'ws')[0]]
    const asked: string[] = []
    const node = await dialling(t, ungated(), {
      connectionGater: {
        denyDialMultiaddr: address => {
          asked.push(`${address}`)

          return answer(address.equals(denied))
        }
      }
    })

    const connection = await node.dial([denied, allowed])

    leadsTo(t, connection, remote)
    t.is(`${connection.remoteAddr}`, `${allowed}`)
    t.deepEqual(asked.toSorted(), [denied, allowed].map(String).toSorted(), 'once each')
    t.deepEqual(node.getConnections(), [connection])
  })

  test(`denyDialPeer that answers ${how} is obeyed without gater()`, async t => {
    const remote = await listening(t)
    const node = await dialling(t, ungated(), { connectionGater: { denyDialPeer: peer => answer(peer.equals(remote.peerId)) } })

    await t.throwsAsync(node.dial(remote.getMultiaddrs()), { name: 'DialDeniedError', message: 'The dial request is blocked by gater.allowDialPeer' })
    t.deepEqual(node.services.dialer.traces(remote.peerId).flatMap(attempted), [])
    t.deepEqual(remote.getConnections(), [])
  })
}

for (const makeNode of [dialling, async (t: ExecutionContext) => listening(t, { listen: [] })]) {
  test(`${makeNode === dialling ? 'the dialer' : 'libp2p\'s own dialer'} asks a gater that other code has put in place of the node's`, async t => {
    const remote = await listening(t)
    const node = await makeNode(t, ungated())
    // `any`: the components of a node are not in its public type
    const { components } = node as any
    components.connectionGater = { ...components.connectionGater, denyDialMultiaddr: () => true }

    await t.throwsAsync(node.dial(addressesOf(remote)), { name: 'DialDeniedError' })
  })
}

test('a denied address is not dialled without gater(), and the error says so', async t => {
  const remote = await listening(t)
  const node = await dialling(t, ungated(), { connectionGater: { denyDialMultiaddr: () => true } })

  await t.throwsAsync(node.dial(addressesOf(remote)), { name: 'DialDeniedError', message: /^The connection gater denied / })
  t.deepEqual(node.getConnections(), [])
  t.deepEqual(remote.getConnections(), [])
})

test('gater hooks are called as methods of the gater without gater()', async t => {
  const remote = await listening(t)
  const gater = {
    called: [] as string[],
    denyDialPeer (): boolean { this.called.push('peer'); return false },
    denyDialMultiaddr (): boolean { this.called.push('multiaddr'); return false }
  }
  const node = await dialling(t, ungated(), { connectionGater: gater })

  await node.dial(addressesOf(remote))

  t.deepEqual(gater.called, ['peer', 'multiaddr'])
})

test('denyDialMultiaddr is asked once about an address from the caller, the peer store and a router', async t => {
  const remote = await listening(t)
  const [address] = addressesOf(remote)
  const asked: string[] = []
  let found = (): void => {}
  const routed = new Promise<void>(resolve => { found = resolve })
  const node = await dialling(t, pipeline(fromCaller(), fromPeerStore(), fromRouting({ when: 'always' }), gater(), race()), {
    peerRouters: [() => ({
      findPeer: async id => {
        await routed

        return { id, multiaddrs: [address] }
      },
      getClosestPeers: async function * () {}
    })],
    connectionGater: {
      denyDialMultiaddr: async multiaddr => {
        asked.push(`${multiaddr}`)
        found()
        await new Promise(resolve => { setTimeout(resolve, 50) })

        return false
      }
    }
  })
  await node.peerStore.merge(remote.peerId, { multiaddrs: [address] })

  leadsTo(t, await node.dial(address), remote)
  t.deepEqual(asked, [`${address}`])
})

for (const transport of ['tcp', 'ws'] as const) {
  for (const hook of ['denyOutboundEncryptedConnection', 'denyOutboundUpgradedConnection'] as const) {
    test(`an aborted dial over ${transport} leaves no connection, although ${hook} never answers`, async t => {
      const remote = await listening(t)
      const node = await dialling(t, staggered(), { connectionGater: { [hook]: async () => new Promise<boolean>(() => {}) } })
      const controller = new AbortController()
      const dial = node.dial(addressesOf(remote, transport), { signal: controller.signal })
      t.is(await until(() => remote.getConnections().length, count => count === 1), 1)
      controller.abort()

      await t.throwsAsync(dial, { name: 'AbortError' })
      t.is(await until(() => remote.getConnections().length, count => count === 0), 0)
    })
  }
}

test('a node\'s own address is not dialled by a pipeline without dialable()', async t => {
  const node = await dialling(t, pipeline(fromCaller(), race()), { listen: ['/ip4/127.0.0.1/tcp/0'] })

  await t.throwsAsync(node.dial(addressesOf(node)[0].decapsulate('/p2p')), { name: 'NoValidAddressesError', message: /this node listens there itself/ })
  await t.throwsAsync(node.dial(multiaddr('/ip4/127.0.0.1/udp/1/quic-v1')), { name: 'NoValidAddressesError', message: /no transport/ })
})
