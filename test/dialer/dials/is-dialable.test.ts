import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { isDialable } from '../../../src/dialer/dials/is-dialable.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { world } from '../../helpers/scripted.ts'
import type { World } from '../../helpers/scripted.ts'

const NAME = multiaddr('/dnsaddr/example.com')

/** A node whose resolver never answers */
function hanging (): World {
  const resolver = { canResolve: (one: unknown) => String(one).startsWith('/dnsaddr'), resolve: async () => new Promise<never>(() => {}) }

  return world({}, { settings: { resolvers: { dnsaddr: resolver }, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 3_000 } })
}

test('isDialable() resolves with false after dialTimeout when a resolver hangs', async t => {
  const { clock, components } = hanging()
  let answer: boolean | undefined
  void isDialable(NAME, components).then(one => { answer = one })
  await clock.advance(2_999)
  t.is(answer, undefined)
  await clock.advance(1)
  t.false(answer)
  t.is(clock.pending, 0)
})

test('isDialable() waits for a hanging resolver until the caller\'s signal aborts', async t => {
  const { clock, components } = hanging()
  const controller = new AbortController()
  let answer: boolean | undefined
  void isDialable(NAME, components, { signal: controller.signal }).then(one => { answer = one })
  await clock.advance(60_000)
  t.is(answer, undefined)
  controller.abort()
  await settled()
  t.false(answer)
})
