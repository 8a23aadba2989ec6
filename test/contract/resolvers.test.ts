// names
import { multiaddr } from '@multiformats/multiaddr'
import { until } from '../helpers/open-handles.ts'
import { addressesOf, leadsTo, listening, randomPeer, texts } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { place, somebody } from './places.ts'
import { fails, tap } from './tap.ts'
import type { MultiaddrResolver } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const NAME = multiaddr('/dnsaddr/example.com')
const OTHER = multiaddr('/dnsaddr/example.org')

/** Every name has the third address */
const DNS: any = {
  query: async (name: string) => ({ Answer: [{ name, type: 16, TTL: 60, data: `dnsaddr=${place(3)}` }] })
}

interface Names {
  resolvers: Record<string, MultiaddrResolver>
  asked: string[]
}

/** Answers with addresses, or throws; for a name that it does not know with none */
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

contract('the node\'s resolvers are asked, and all that they answer is dialled', async (t, { node }) => {
  const { resolvers, asked } = names({ [`${NAME}`]: () => [place(1), place(2), OTHER], [`${OTHER}`]: () => [place(3)] })
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], connectionManager: { resolvers }, dns: DNS })

  await rejection(dialler.dial(NAME))

  t.deepEqual(asked, [`${NAME} true true`, `${OTHER} true true`])
  t.deepEqual(wire.addresses.toSorted(), texts([1, 2, 3].map(n => place(n))))
})

contract('without any the node\'s dns is asked', async (t, { node }) => {
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], dns: DNS })

  await rejection(dialler.dial(NAME))

  t.deepEqual(wire.addresses, [`${place(3)}`])
})

contract('a stored name is resolved as well, and its answers were signed by nobody', async (t, { node }) => {
  const { resolvers } = names({ [`${NAME}`]: () => [place(1)] })
  const wire = tap(fails)
  const [dialler, { peer }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { resolvers } }), somebody()])
  await dialler.peerStore.merge(peer, { addresses: [{ multiaddr: NAME, isCertified: true }] })
  const progress = heard()

  await rejection(dialler.dial(peer, progress.options))

  t.like(progress.detail('dial-queue:calculated-addresses'), { length: 1, 0: { isCertified: false } })
  t.deepEqual(wire.addresses, [`${place(1, peer)}`])
})

contract('answers for other peers are left out', async (t, { node }) => {
  const [peer, other] = await Promise.all([randomPeer(), randomPeer()])
  const { resolvers } = names({ [`${NAME}`]: () => [place(1, other), place(2, peer), place(3)] })
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport], connectionManager: { resolvers } })

  await rejection(dialler.dial(NAME.encapsulate(`/p2p/${peer}`)))

  t.deepEqual(wire.addresses.toSorted(), texts([place(2, peer), place(3, peer)]))
})

contract('one name that fails does not fail the dial (stock: it does, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const thrown = new Error('no such name')
  const { resolvers } = names({ [`${NAME}`]: () => { throw thrown } })
  const dialler = await node({ connectionManager: { resolvers } })
  const dial = dialler.dial([NAME.encapsulate(`/p2p/${remote.peerId}`), ...addressesOf(remote)]).then(({ status }) => status, error => error)

  t.is(await dial, either({ stock: thrown, ours: 'open' }))
})

contract('nor one of the names that a name leads to (stock: it does, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const thrown = new Error('no such name')
  const { resolvers } = names({ [`${NAME}`]: () => [OTHER, ...addressesOf(remote)], [`${OTHER}`]: () => { throw thrown } })
  const dialler = await node({ connectionManager: { resolvers } })
  const dial = dialler.dial(NAME).then(({ status }) => status, error => error)

  t.is(await dial, either({ stock: thrown, ours: 'open' }))
})

contract('the only name fails: NoValidAddressesError (stock: the error of the resolver)', async (t, { node, either }) => {
  const { resolvers } = names({ [`${NAME}`]: () => { throw new Error('no such name') } })
  const dialler = await node({ connectionManager: { resolvers } })

  await t.throwsAsync(dialler.dial(NAME), either({ stock: { message: 'no such name' }, ours: { name: 'NoValidAddressesError' } }))
})

contract('a name with no addresses: NoValidAddressesError', async (t, { node }) => {
  const { resolvers, asked } = names({})
  const dialler = await node({ connectionManager: { resolvers } })

  await t.throwsAsync(dialler.dial(NAME), { name: 'NoValidAddressesError' })
  t.is(asked.length, 1)
})

contract('names without end are not resolved without end: NoValidAddressesError (stock: RecursionLimitError)', async (t, { node, either }) => {
  const { resolvers, asked } = names({ [`${NAME}`]: () => [NAME] })
  const dialler = await node({ connectionManager: { resolvers } })

  await t.throwsAsync(dialler.dial(NAME), { name: either({ stock: 'RecursionLimitError', ours: 'NoValidAddressesError' }) })
  t.true(asked.length <= 33)
})

contract('resolvers are told when the last caller has given up', async (t, { node }) => {
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

contract('a resolver of another protocol', async (t, { node }) => {
  const remote = await listening(t)
  const resolver: MultiaddrResolver = { canResolve: one => one.toString().startsWith('/dns4/'), resolve: async () => addressesOf(remote) }
  const dialler = await node({ connectionManager: { resolvers: { dns4: resolver } } })

  leadsTo(t, await dialler.dial(multiaddr('/dns4/example.com/tcp/4001')), remote)
})
