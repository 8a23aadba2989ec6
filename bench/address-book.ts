// What an address book costs: memory of an address and of a piece of evidence, the time of observe and query, of a sweep,
// and of writing and reading all of it. `node --expose-gc bench/address-book.ts [peers] [addresses a peer] [evidence an address]`
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromMultihash, peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { TypedEventEmitter } from 'main-event'
import { create } from 'multiformats/hashes/digest'
import { renderTable } from '../examples/table.ts'
import { AddressBook } from '../src/address-book/address-book.ts'
import { silentLogger } from '../src/testing/silent-logger.ts'
import { VirtualClock } from '../src/testing/virtual-clock.ts'
import { machine } from './machine.ts'
import type { PeerId } from '@libp2p/interface'

const [peerCount = 100_000, addressCount = 5, evidenceCount = 2] = process.argv.slice(2).map(Number)
const privateKey = await generateKeyPair('Ed25519')
const self = peerIdFromPrivateKey(privateKey)
const clock = new VirtualClock(1_700_000_000_000)
const sources = ['identify', 'dht', 'routing', 'pubsub', 'mdns']
const rows: string[][] = []

/** As many as reporters of a DHT crawl */
const reporters = Array.from({ length: 1_000 }, (_, n) => peerOf(1e9 + n))

function peerOf (n: number): PeerId {
  const bytes = new Uint8Array(36)
  bytes.set([0x08, 0x01, 0x12, 0x20])
  new DataView(bytes.buffer).setUint32(4, n)
  new DataView(bytes.buffer).setUint32(20, Math.imul(n, 0x9e3779b1))

  return peerIdFromMultihash(create(0, bytes))
}

function bookIn (datastore?: MemoryDatastore): AddressBook {
  const components = { peerId: self, privateKey, addressManager: { getAddresses: () => [] }, events: new TypedEventEmitter(), connectionManager: { getConnections: () => [] }, logger: silentLogger, datastore }

  return new AddressBook(components, { clock, maxPeers: peerCount })
}

/** Everything is new at each call, as what comes from the network is */
function observeAll (book: AddressBook): number {
  let kept = 0

  for (let n = 0; n < peerCount; n++) {
    const peer = peerOf(n)

    for (let e = 0; e < evidenceCount; e++) {
      const source = sources[e % sources.length] ?? 'identify'
      const reporter = source === 'dht' || source === 'pubsub' ? reporters[(n + e) % reporters.length] : undefined
      kept += book.observe(peer, Array.from({ length: addressCount }, (_, a) => multiaddr(`/ip4/${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.${a}/tcp/${4_000 + a}`)), { source, reporter })
    }
  }

  return kept
}

function used (): number {
  globalThis.gc?.()

  return process.memoryUsage().heapUsed
}

function measure<T> (name: string, count: number, unit: string, fn: () => T): T {
  const begun = performance.now()
  const result = fn()
  const ms = performance.now() - begun
  rows.push([name, `${ms.toFixed(0)} ms`, `${(ms * 1_000 / count).toFixed(2)} µs ${unit}`])

  return result
}

async function measureAsync (name: string, count: number, unit: string, fn: () => Promise<unknown>): Promise<void> {
  const begun = performance.now()
  await fn()
  const ms = performance.now() - begun
  rows.push([name, `${ms.toFixed(0)} ms`, `${(ms * 1_000 / count).toFixed(2)} µs ${unit}`])
}

if (globalThis.gc == null) {
  throw new Error('memory is measured with node --expose-gc')
}

const addresses = peerCount * addressCount
const evidence = addresses * evidenceCount

// what parsing costs without a book
measure('making the peer ids and multiaddrs alone', evidence, 'each', () => {
  let length = 0

  for (let n = 0; n < peerCount; n++) {
    length += peerOf(n).toString().length

    for (let i = 0; i < addressCount * evidenceCount; i++) {
      length += multiaddr(`/ip4/${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.${i}/tcp/4000`).toString().length
    }
  }

  return length
})

const before = used()
const datastore = new MemoryDatastore()
const book = bookIn(datastore)
const kept = measure('observe, new, with making them', evidence, 'each', () => observeAll(book))
const memory = used() - before

if (kept !== evidence) {
  throw new Error(`${kept} of ${evidence} were kept`)
}

rows.push(['memory', `${(memory / 2 ** 20).toFixed(0)} MiB`, `${(memory / addresses).toFixed(0)} B an address, ${(memory / evidence).toFixed(0)} B each of evidence`])

const some = Array.from({ length: Math.min(peerCount, 10_000) }, (_, n) => peerOf(n * Math.floor(peerCount / Math.min(peerCount, 10_000))))
const [again] = [some.map(peer => book.query(peer).map(({ multiaddr }) => multiaddr))]
measure('observe, known', some.length * addressCount, 'an address', () => some.forEach((peer, i) => book.observe(peer, again[i] ?? [], { source: 'identify' })))
measure('query, parsed before', 100 * 100, `a peer of ${addressCount}`, () => {
  for (let round = 0; round < 100; round++) {
    some.slice(-100).forEach(peer => book.query(peer))
  }
})
measure('query, not parsed', some.length, `a peer of ${addressCount}`, () => some.forEach(peer => book.query(peer)))

await measureAsync('write all', peerCount, 'a peer', async () => {
  await book.beforeStart()
  await book.stop()
})

let size = 0

for (const { value } of datastore.query({}) as Iterable<{ value: Uint8Array }>) {
  size += value.byteLength
}

rows.push(['written', `${(size / 2 ** 20).toFixed(0)} MiB`, `${(size / evidence).toFixed(0)} B each of evidence`])

const read = bookIn(datastore)
await measureAsync('read all', peerCount, 'a peer', async () => read.beforeStart())

if (read.size !== peerCount) {
  throw new Error(`${read.size} of ${peerCount} peers were read`)
}

await read.stop()

// without a datastore, so that nothing is written
const swept = bookIn()
observeAll(swept)
await swept.start()
await measureAsync('sweep, nothing is due', peerCount, 'a peer', async () => clock.advance(60_000))
await measureAsync('sweep, half of it is due', peerCount, 'a peer', async () => clock.advance(120_000))
await measureAsync('sweep, the other half is due', peerCount, 'a peer', async () => clock.advance(60 * 60_000))

if (swept.size !== 0) {
  throw new Error(`${swept.size} peers are left`)
}

await swept.stop()

console.log(`${machine()}\n`)
console.log(`${peerCount} peers, ${addresses} addresses, ${evidence} pieces of evidence\n`)
console.log(renderTable(['', 'in all', 'of that'], rows))
