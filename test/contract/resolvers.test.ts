// names
import { multiaddr } from '@multiformats/multiaddr'
import { address, unreachablePeer } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening, texts } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { fails, tap } from './tap.ts'
import type { MultiaddrResolver } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const NAME = multiaddr('/dnsaddr/example.com')
const OTHER = multiaddr('/dnsaddr/example.org')

/** Resolves every name to the third address */
const DNS: any = {
  query: async (name: string) => ({ Answer: [{ name, type: 16, TTL: 60, data: `dnsaddr=${address(3)}` }] })
}

interface Names {
  resolvers: Record<string, MultiaddrResolver>
  asked: string[]
}

/** Answers with addresses or throws. An unknown name has none */
function names (answers: Record<string, () => Multiaddr[]>): Names {
  const asked: string[] = []

  return {
    asked,
    resolvers: {
      dnsaddr: {
        canResolve: one => one.toString().startsWith('/dnsaddr/'),
        resolve: async (one, { signal, dns }) => {
          asked.push(`${one} ${signal instanceof AbortSignal} ${dns === DNS}`)

          return answers[one.toString().split('/p2p/')[0] as string]?.() ?? []
        }
      }
    }
  }
}

contract('names are resolved by the node\'s resolvers, and all answers are dialled', async (t, { node }) => {
  const { resolvers, asked } = names({ [`${NAME}`]: () => [address(1), address(2), OTHER], [`${OTHER}`]: () => [address(3)] })
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], connectionManager: { resolvers }, dns: DNS })

  await rejection(dialler.dial(NAME))

  t.deepEqual(asked, [`${NAME} true true`, `${OTHER} true true`])
  t.deepEqual(wire.addresses.toSorted(), texts([1, 2, 3].map(n => address(n))))
})

contract('each resolver that can resolve a name is asked, and all answers are dialled', async (t, { node }) => {
  const [none, first, second] = [[], [address(1)], [address(2), OTHER]].map(answer => names({ [`${NAME}`]: () => answer, [`${OTHER}`]: () => [address(3)] }).resolvers['dnsaddr'] as MultiaddrResolver)
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], connectionManager: { resolvers: { none, first, second } as Record<string, MultiaddrResolver> } })

  await rejection(dialler.dial(NAME))

  t.deepEqual(wire.addresses.toSorted(), texts([1, 2, 3].map(n => address(n))))
})

contract('without resolvers, names are resolved by the node\'s dns', async (t, { node }) => {
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], dns: DNS })

  await rejection(dialler.dial(NAME))

  t.deepEqual(wire.addresses, [`${address(3)}`])
})

contract('a stored certified name is resolved, and its answers are not certified', async (t, { node }) => {
  const { resolvers } = names({ [`${NAME}`]: () => [address(1)] })
  const wire = tap(fails)
  const [dialler, { peer }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { resolvers } }), unreachablePeer()])
  await dialler.peerStore.merge(peer, { addresses: [{ multiaddr: NAME, isCertified: true }] })
  const progress = heard()

  await rejection(dialler.dial(peer, progress.options))

  t.like(progress.detail('dial-queue:calculated-addresses'), { length: 1, 0: { isCertified: false } })
  t.deepEqual(wire.addresses, [`${address(1, peer)}`])
})

contract('answers of a name for other peers are dropped', async (t, { node }) => {
  const [peer, other] = await Promise.all([newPeer(), newPeer()])
  const { resolvers } = names({ [`${NAME}`]: () => [address(1, other), address(2, peer), address(3)] })
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], connectionManager: { resolvers } })

  await rejection(dialler.dial(NAME.encapsulate(`/p2p/${peer}`)))

  t.deepEqual(wire.addresses.toSorted(), texts([address(2, peer), address(3, peer)]))
})

contract('a name that fails does not fail a dial with other addresses (stock: it does, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const thrown = new Error('no such name')
  const { resolvers } = names({ [`${NAME}`]: () => { throw thrown } })
  const dialler = await node({ connectionManager: { resolvers } })
  const dial = dialler.dial([NAME.encapsulate(`/p2p/${remote.peerId}`), ...addressesOf(remote)]).then(({ status }) => status, error => error)

  t.is(await dial, either({ stock: thrown, ours: 'open' }))
})

contract('a name that leads to addresses and to a failing name does not fail the dial (stock: it does, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const thrown = new Error('no such name')
  const { resolvers } = names({ [`${NAME}`]: () => [OTHER, ...addressesOf(remote)], [`${OTHER}`]: () => { throw thrown } })
  const dialler = await node({ connectionManager: { resolvers } })
  const dial = dialler.dial(NAME).then(({ status }) => status, error => error)

  t.is(await dial, either({ stock: thrown, ours: 'open' }))
})

contract('when the only name fails, the dial rejects with NoValidAddressesError (stock: the error of the resolver)', async (t, { node, either }) => {
  const { resolvers } = names({ [`${NAME}`]: () => { throw new Error('no such name') } })
  const dialler = await node({ connectionManager: { resolvers } })

  await t.throwsAsync(dialler.dial(NAME), either({ stock: { message: 'no such name' }, ours: { name: 'NoValidAddressesError' } }))
})

contract('a name without addresses rejects with NoValidAddressesError', async (t, { node }) => {
  const { resolvers, asked } = names({})
  const dialler = await node({ connectionManager: { resolvers } })

  await t.throwsAsync(dialler.dial(NAME), { name: 'NoValidAddressesError' })
  t.is(asked.length, 1)
})

contract('a name that resolves to itself is asked at most 33 times, and the dial rejects with NoValidAddressesError (stock: RecursionLimitError)', async (t, { node, either }) => {
  const { resolvers, asked } = names({ [`${NAME}`]: () => [NAME] })
  const dialler = await node({ connectionManager: { resolvers } })

  await t.throwsAsync(dialler.dial(NAME), { name: either({ stock: 'RecursionLimitError', ours: 'NoValidAddressesError' }) })
  t.true(asked.length <= 33)
})

contract('the resolver\'s signal aborts when the last caller has aborted', async (t, { node }) => {
  const { promise, resolve } = Promise.withResolvers<AbortSignal | undefined>()
  const resolver: MultiaddrResolver = {
    canResolve: () => true,
    resolve: async (_name, { signal }) => {
      resolve(signal)

      return new Promise((_resolve, reject) => { signal?.addEventListener('abort', () => { reject(signal.reason) }) })
    }
  }
  const dialler = await node({ connectionManager: { resolvers: { dnsaddr: resolver } } })
  const controller = new AbortController()
  const dial = rejection(dialler.dial(NAME, { signal: controller.signal }))
  const signal = await promise

  controller.abort()

  t.is((await dial).name, 'AbortError')
  t.true(signal?.aborted)
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
})

contract('a resolver of /dns4 is used for /dns4 addresses', async (t, { node }) => {
  const remote = await listening(t)
  const resolver: MultiaddrResolver = { canResolve: one => one.toString().startsWith('/dns4/'), resolve: async () => addressesOf(remote) }
  const dialler = await node({ connectionManager: { resolvers: { dns4: resolver } } })

  leadsTo(t, await dialler.dial(multiaddr('/dns4/example.com/tcp/4001')), remote)
})
