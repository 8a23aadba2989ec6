import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { defaultLogger } from '@libp2p/logger'
import { memory } from '@libp2p/memory'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { createLibp2p } from 'libp2p'
import { AddressBook } from '../../../src/address-book/address-book.ts'
import { withProvenance, withSource } from '../../../src/address-book/index.ts'
import { addressBook } from '../../../src/address-book/index.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { Recording } from './recording.ts'
import type { ComponentLogger, Libp2p, PeerStore, ServiceMap } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'
import type { Libp2pOptions } from 'libp2p'

const a = multiaddr('/ip4/203.0.113.1/tcp/1')
const stack = { transports: [memory()], connectionEncrypters: [noise()], streamMuxers: [yamux()] }

async function make<T extends ServiceMap> (t: ExecutionContext, options: Libp2pOptions<T>): Promise<Libp2p<T>> {
  const node = await createLibp2p(options)
  t.teardown(async () => { await node.stop() })

  return node
}

/** A service that writes to the peer store on demand */
class Scribe {
  readonly peerStore: PeerStore

  constructor ({ peerStore }: { peerStore: PeerStore }) {
    this.peerStore = peerStore
  }
}

const scribe = (components: { peerStore: PeerStore }): Scribe => new Scribe(components)

function errorsOf (errors: string[]): ComponentLogger {
  const logger = defaultLogger()

  return {
    forComponent: name => Object.assign(logger.forComponent(name), {
      error: (format: string, ...args: unknown[]) => {
        if (name.endsWith(':provenance')) {
          errors.push(args.reduce<string>((text, arg) => text.replace(/%\w/, String(arg)), format))
        }
      }
    })
  }
}

test('the book refuses an address of more than 1,024 bytes that the user or a module writes to the peer store', async t => {
  const node = await make(t, withProvenance({ ...stack, services: { told: withSource('tracker', scribe) } }))
  const [peer, long] = [await newPeer(), multiaddr(`/dns4/${'a'.repeat(2_000)}/tcp/1`)]
  await node.services.told.peerStore.merge(peer, { multiaddrs: [long, a] })
  await node.peerStore.merge(peer, { multiaddrs: [long] })
  t.deepEqual(node.services.addressBook.query(peer).map(({ multiaddr }) => multiaddr.toString()), [a.toString()])
})

test('a user-given address that is written to the peer store expires in the book after an hour', async t => {
  const clock = new VirtualClock()
  const node = await make(t, withProvenance({ ...stack, services: { addressBook: addressBook({ clock }) } }))
  const peer = await newPeer()
  await node.peerStore.merge(peer, { multiaddrs: [a] })
  t.deepEqual(node.services.addressBook.query(peer).map(({ provenance }) => provenance.map(({ source, expires }) => [source, expires])), [[['user', clock.now() + 3_600_000]]])
})

test('withProvenance() adds an address book that reports an address written through node.peerStore as the user\'s', async t => {
  const node = await make(t, withProvenance(stack))
  const peer = await newPeer()

  await node.peerStore.merge(peer, { multiaddrs: [a] })

  t.true(node.services.addressBook instanceof AddressBook)
  t.deepEqual(node.services.addressBook.query(peer).map(({ provenance }) => provenance.map(({ source }) => source)), [['user']])
  t.deepEqual(node.services.provenance.problems, [])
})

test('writing the multiaddr object that the book returned adds no source, and writing a copy adds the user', async t => {
  const node = await make(t, withProvenance({ ...stack, services: { scribe } }))
  const { addressBook: book, scribe: { peerStore } } = node.services
  const peer = await newPeer()
  const sources = (): unknown => book.query(peer).map(({ provenance }) => provenance.map(({ source }) => source))
  book.observe(peer, a, { source: 'dht' })

  for (const store of [node.peerStore, peerStore]) {
    await store.merge(peer, { multiaddrs: book.query(peer).map(({ multiaddr }) => multiaddr) })
    t.deepEqual(sources(), [['dht']])
  }

  await node.peerStore.merge(peer, { multiaddrs: book.query(peer).map(one => multiaddr(one.multiaddr.bytes)) })
  t.deepEqual(sources(), [['dht', 'user']], 'a copy is the program\'s own word')
})

test('withProvenance() reports to the address book of the init when there is one', async t => {
  const book = new Recording()
  const node = await make(t, withProvenance({ ...stack, services: { scribe, addressBook: () => book } }))

  await node.services.scribe.peerStore.merge(await newPeer(), { multiaddrs: [a] })

  t.is(node.services.addressBook, book)
  t.deepEqual(book.lines, [`${a} unknown`])
})

test('two nodes made from one withProvenance() init do not share reports', async t => {
  const books: Recording[] = []
  const init = withProvenance({ ...stack, services: { addressBook: () => books[books.push(new Recording()) - 1] as Recording } })
  // `any`: the type requires a key, although libp2p generates one
  const [one] = [await make(t, { ...init, privateKey: undefined as any }), await make(t, { ...init, privateKey: undefined as any })]

  await one.peerStore.merge(await newPeer(), { multiaddrs: [a] })

  t.deepEqual(books.map(({ lines }) => lines), [[`${a} user`], []])
})

test('a service of unknown source is logged once, and a service wrapped with withSource() is not', async t => {
  const errors: string[] = []
  const book = new Recording()
  const node = await make(t, withProvenance({
    ...stack,
    logger: errorsOf(errors),
    services: { addressBook: () => book, scribe, told: withSource('tracker', scribe) }
  }))
  const peer = await newPeer()

  for (const port of [1, 2, 3]) {
    await node.services.scribe.peerStore.merge(peer, { multiaddrs: [multiaddr(`/ip4/203.0.113.2/tcp/${port}`)] })
  }

  await node.services.told.peerStore.merge(peer, { multiaddrs: [a] })

  t.deepEqual(errors, ['the service "scribe" wrote addresses of an unknown source: wrap its factory in withSource()'])
  t.deepEqual(node.services.provenance.problems, [])
})

test('an address that the connection gater or the peer store\'s address filter rejects is not kept in the book', async t => {
  const b = multiaddr('/ip4/203.0.113.2/tcp/2')

  for (const init of [
    { connectionGater: { filterMultiaddrForPeer: async (_peer: unknown, multiaddr: unknown) => String(multiaddr) === `${b}` } },
    { peerStore: { addressFilter: async (_peer: unknown, multiaddr: unknown) => String(multiaddr) === `${b}` } }
  ]) {
    const book = new Recording()
    const node = await make(t, withProvenance({ ...stack, ...init, services: { addressBook: () => book } }))

    await node.peerStore.merge(await newPeer(), { multiaddrs: [a, b] })

    t.deepEqual(book.lines, [`${b} user`])
  }
})

test('a write that waits for the address filter rejects when its signal aborts, and one with an aborted signal adds no report', async t => {
  const book = new Recording()
  const asked = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const addressFilter = async (): Promise<boolean> => {
    asked.resolve()
    await gate.promise

    return true
  }
  const { peerStore } = await make(t, withProvenance({ ...stack, peerStore: { addressFilter }, services: { addressBook: () => book } }))
  const peer = await newPeer()
  const b = multiaddr('/ip4/203.0.113.2/tcp/2')
  const controller = new AbortController()
  const { signal } = controller

  const first = peerStore.merge(peer, { multiaddrs: [a] })
  const second = t.throwsAsync(peerStore.merge(peer, { multiaddrs: [b] }, { signal }), { message: 'too late' })
  await asked.promise
  controller.abort(new Error('too late'))
  await second
  await t.throwsAsync(peerStore.patch(await newPeer(), { multiaddrs: [b] }, { signal }), { message: 'too late' })
  gate.resolve()
  await first

  t.deepEqual(book.lines, [`${a} user`])
})

test('logs all attribution problems in one line when the node starts', async t => {
  const errors: string[] = []
  const sealed = { [Symbol.toStringTag]: 'sealed', dispatchEvent: () => true, addEventListener: () => {} }
  // `any`: modules with only the members that are read
  const node = await make(t, withProvenance({
    ...stack,
    start: false,
    logger: errorsOf(errors),
    // `any`, thrice: modules with no more than the test needs, and a node whose components are not in its type
    peerDiscovery: [() => Object.freeze(sealed) as any],
    connectionProtector: (components: any) => ({ protect: async (conn: any) => conn, peerStore: Object.getPrototypeOf(components.peerStore) }) as any
  }))
  const { components } = node as any
  components.peerStore = { ...components.peerStore }

  await node.start()

  t.is(errors.length, 1)
  t.regex(errors[0] ?? '', /not every address can be attributed: number 1 of peerDiscovery \(sealed\): .*; something has replaced the peer store; connectionProtector was made before/)
  t.is(node.services.provenance.problems.length, 3)
})

test('a node without encrypters and muxers attributes the addresses that its routers find', async t => {
  const book = new Recording()
  const peer = await newPeer()
  const node = await make(t, withProvenance({
    transports: [memory()],
    // `any`: a router with no more than the test needs
    peerRouters: [() => ({ findPeer: async () => ({ id: peer, multiaddrs: [a] }) }) as any],
    services: { addressBook: () => book }
  }))

  await node.peerRouting.findPeer(peer)

  t.deepEqual(book.lines, [`${a} routing`])
})

test('a factory that returns nothing still returns nothing, and a factory that throws still throws', async t => {
  const nothing = await make(t, withProvenance({ ...stack, services: { nothing: () => undefined } }))
  t.is(nothing.services.nothing, undefined)

  await t.throwsAsync(createLibp2p(withProvenance({ ...stack, services: { broken: () => { throw new Error('broken') } } })), { message: 'broken' })
})

test('withProvenance() of an init that already went through withProvenance() throws', t => {
  t.throws(() => withProvenance(withProvenance(stack)), { name: 'InvalidParametersError', message: /provenance/ })
})

test('a node whose addressBook service is undefined lists that as a problem and logs it once', async t => {
  const errors: string[] = []
  // `any`: an address book that only JavaScript can leave out
  const node = await make(t, withProvenance({ ...stack, logger: errorsOf(errors), services: { addressBook: () => undefined } } as any))

  t.deepEqual((node.services as any).provenance.problems, ['there is no address book'])
  t.is(errors.length, 1)
})
