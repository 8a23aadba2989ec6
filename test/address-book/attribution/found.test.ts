import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { wrapDiscovery, wrapEvents, wrapRouter } from '../../../src/address-book/attribution/wrap-module.ts'
import { SourceTags } from '../../../src/address-book/attribution/source-tags.ts'

const a = multiaddr('/ip4/203.0.113.1/tcp/1')
const said = (): { source: string } => ({ source: 'x' })

test('marks the addresses of a discovery event before its listeners run', t => {
  const sourceTags = new SourceTags()
  const discovery = new TypedEventEmitter<any>()
  const heard: unknown[] = []
  wrapDiscovery(discovery, said, sourceTags)
  discovery.addEventListener('peer', ({ detail }) => { heard.push(detail.multiaddrs.map((one: any) => sourceTags.of(one)?.source)) })

  discovery.safeDispatchEvent('peer', { detail: { multiaddrs: [a] } })

  t.deepEqual(heard, [['x']])
})

test('marks the stored addresses of peer:update and peer:identify before listeners run, and ignores malformed events', t => {
  const sourceTags = new SourceTags()
  const events = new TypedEventEmitter<any>()
  const [stored, before, listened, signed] = [1, 2, 3, 4].map(n => multiaddr(`/ip4/203.0.113.${n}/tcp/1`)) as [typeof a, typeof a, typeof a, typeof a]
  const heard: unknown[] = []
  wrapEvents(events, sourceTags)
  events.addEventListener('peer:update', ({ detail }) => { heard.push(detail?.peer?.addresses?.map((one: any) => sourceTags.of(one?.multiaddr)?.source)) }, { once: true })

  events.safeDispatchEvent('peer:update', { detail: { peer: { addresses: [{ multiaddr: stored }] }, previous: { addresses: [{ multiaddr: before }] } } })
  events.safeDispatchEvent('peer:identify', { detail: { listenAddrs: [listened], signedPeerRecord: { addresses: [signed] } } })
  t.deepEqual(heard, [['peer-store']])
  t.deepEqual([stored, before, listened, signed].map(one => sourceTags.of(one)?.source), ['peer-store', undefined, 'peer-store', 'peer-store'])

  for (const detail of [undefined, null, 1, {}, { peer: null }, { peer: { addresses: 'x' } }, { peer: { addresses: [null, {}, 1] } }, { listenAddrs: [null, {}, 'x'] }]) {
    t.notThrows(() => { events.safeDispatchEvent('peer:update', { detail }) })
    t.notThrows(() => { events.safeDispatchEvent('peer:identify', { detail }) })
  }
})

test('marks the address of an inbound connection as observed before listeners run, and not that of an outbound one', t => {
  const sourceTags = new SourceTags()
  const events = new TypedEventEmitter<any>()
  const [inbound, outbound] = [1, 2].map(n => multiaddr(`/ip4/203.0.113.${n}/tcp/1`)) as [typeof a, typeof a]
  wrapEvents(events, sourceTags)

  events.safeDispatchEvent('connection:open', { detail: { direction: 'inbound', remoteAddr: inbound } })
  events.safeDispatchEvent('connection:open', { detail: { direction: 'outbound', remoteAddr: outbound } })
  t.deepEqual([inbound, outbound].map(one => sourceTags.of(one)?.source), ['observed', undefined])

  for (const detail of [undefined, null, 1, {}, { direction: 'inbound' }]) {
    t.notThrows(() => { events.safeDispatchEvent('connection:open', { detail }) })
  }
})

test('passes malformed events and results of discoveries and routers on unchanged', async t => {
  const sourceTags = new SourceTags()
  const discovery = new TypedEventEmitter<any>()
  const nonsense = [undefined, null, 1, {}, { multiaddrs: 'x' }, { multiaddrs: [null, 'x', 1] }]
  const heard: unknown[] = []
  wrapDiscovery(discovery, said, sourceTags)
  discovery.addEventListener('peer', ({ detail }) => { heard.push(detail ?? undefined) })

  nonsense.forEach(detail => { discovery.safeDispatchEvent('peer', { detail }) })
  discovery.safeDispatchEvent('other', { detail: { multiaddrs: [a] } })
  t.deepEqual(heard, nonsense.map(one => one ?? undefined))
  t.is(sourceTags.of(a), undefined)

  const router: any = { findPeer: async () => nonsense[1], findProviders: async function * () { yield * nonsense } }
  wrapRouter(router, said, sourceTags)
  t.is(await router.findPeer(), null)

  const found = []

  for await (const one of router.findProviders()) {
    found.push(one)
  }

  t.deepEqual(found, nonsense)
})

test('a wrapped router keeps its errors, its early return and its missing methods, and its results are marked', async t => {
  const sourceTags = new SourceTags()
  let isDone = false

  class Router {
    readonly #info = { multiaddrs: [a] }

    async findPeer (id: string): Promise<unknown> {
      if (id === 'none') {
        throw new Error('none')
      }

      return this.#info
    }

    async * getClosestPeers (key: string): AsyncGenerator {
      try {
        yield { key, ...this.#info }
        yield this.#info
      } finally {
        isDone = true
      }
    }
  }

  const router = new Router()
  wrapRouter(router, said, sourceTags)

  await t.throwsAsync(router.findPeer('none'), { message: 'none' })

  for await (const info of router.getClosestPeers('key')) {
    t.deepEqual(info, { key: 'key', multiaddrs: [a] })
    break
  }

  t.true(isDone)
  t.is(sourceTags.of(a)?.source, 'x')
  t.false('findProviders' in router)
})

test('wrapDiscovery() throws for a discovery that is no event target', t => {
  t.throws(() => { wrapDiscovery({}, said, new SourceTags()) }, { message: 'its events cannot be seen' })
})
