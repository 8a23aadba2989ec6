import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { resolve } from '../../src/stages/resolve.ts'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { runStage, said } from '../testing/try-out.ts'
import { name, zone } from './name-zone.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const resolveBy = (canResolve: (one: Multiaddr) => any): ReturnType<typeof resolve> => resolve({ resolvers: { any: { canResolve, resolve: async () => [multiaddr('/ip4/203.0.113.9/tcp/4001')] } } })

for (const [title, canResolve] of [
  ['the resolvers option of resolve() replaces the node\'s', one => one.toString().startsWith('/dnsaddr')],
  ['a resolver whose canResolve() returns a truthy value is used', one => one.toString().match('/dnsaddr')]
] as ReadonlyArray<[string, (one: Multiaddr) => any]>) {
  test(title, async t => {
    const { asked, ...fixture } = zone({ 'peer.example': [1] })
    t.is(said(await runStage(t, resolveBy(canResolve), [name('peer.example')], fixture)).at(-1), '9')
    t.deepEqual(asked, [])
  })
}

test('an async canResolve() that rejects leaves no unhandled rejection', async t => {
  const unhandled = watchUnhandled(t)
  const trial = await runStage(t, resolveBy(one => one.toString().startsWith('/dnsaddr') && rejecting()), [name('peer.example')])
  t.is(said(trial).at(-1), '9')
  t.deepEqual(await unhandled(), [])
})
