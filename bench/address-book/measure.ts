// Prints the cost of one package's address book as JSON: `node --expose-gc measure.ts PACKAGE PEERS ADDRESSES REPORTS`.
// Times are processor times, so that other work on the machine matters less
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromMultihash, peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { TypedEventEmitter } from 'main-event'
import { create } from 'multiformats/hashes/digest'
import type { Figures } from './figures.ts'
import { BareClock } from './bare-clock.ts'
import type { AddressBook } from '../../src/address-book/address-book.ts'
import type { PeerId } from '@libp2p/interface'

const [folder = '.', ...counts] = process.argv.slice(2)
const [peerCount = 0, addressCount = 0, reportCount = 0] = counts.map(Number)
const load = async (entry: string): Promise<any> => import(pathToFileURL(join(resolve(folder), 'dist/src', entry, 'index.js')).href)
const { addressBook } = await load('address-book')

const privateKey = await generateKeyPair('Ed25519')
const self = peerIdFromPrivateKey(privateKey)
const logger = { forComponent: () => Object.assign(() => {}, { error: () => {}, trace: () => {} }) }
const clock = new BareClock()
const sources = ['identify', 'dht', 'routing', 'pubsub', 'mdns']
const figures: Record<string, number> = {}

/** As many reporters as a DHT crawl has */
const reporters = Array.from({ length: 1_000 }, (_, n) => peerOf(1e9 + n))

function peerOf (n: number): PeerId {
  const bytes = new Uint8Array(36)
  bytes.set([0x08, 0x01, 0x12, 0x20])
  new DataView(bytes.buffer).setUint32(4, n)
  new DataView(bytes.buffer).setUint32(20, Math.imul(n, 0x9e3779b1))

  return peerIdFromMultihash(create(0, bytes))
}

function bookIn (datastore?: MemoryDatastore): AddressBook {
  const components = { peerId: self, privateKey, addressManager: { getAddresses: () => [] }, events: new TypedEventEmitter(), connectionManager: { getConnections: () => [] }, logger, datastore }

  return addressBook({ clock, maxPeers: peerCount })(components)
}

/** Observes new objects in each call, as reports from the network are */
function observeAll (book: AddressBook): void {
  let kept = 0

  for (let n = 0; n < peerCount; n++) {
    const peer = peerOf(n)

    for (let e = 0; e < reportCount; e++) {
      const source = sources[e % sources.length] ?? 'identify'
      const reporter = source === 'dht' || source === 'pubsub' ? reporters[(n + e) % reporters.length] : undefined
      kept += book.observe(peer, Array.from({ length: addressCount }, (_, a) => multiaddr(`/ip4/${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.${a}/tcp/${4_000 + a}`)), { source, reporter })
    }
  }

  if (kept !== reports) {
    throw new Error(`${kept} of ${reports} were kept`)
  }
}

function used (): number {
  globalThis.gc?.()

  return process.memoryUsage().heapUsed
}

/** Measures `fn`, in microseconds for each of `count` items */
async function measure (name: keyof Figures, count: number, fn: () => unknown): Promise<void> {
  const begun = process.cpuUsage()
  await fn()
  const { user, system } = process.cpuUsage(begun)
  figures[name] = (user + system) / count
}

if (globalThis.gc == null) {
  throw new Error('memory is measured with node --expose-gc')
}

const addresses = peerCount * addressCount
const reports = addresses * reportCount
const before = used()
const datastore = new MemoryDatastore()
const book = bookIn(datastore)
await measure('observe, new', reports, () => { observeAll(book) })
const memory = used() - before
figures['memory of an address'] = memory / addresses
figures['memory of a peer'] = memory / peerCount

const some = Array.from({ length: Math.min(peerCount, 10_000) }, (_, n) => peerOf(n * Math.floor(peerCount / Math.min(peerCount, 10_000))))
const again = some.map(peer => book.query(peer).map(({ multiaddr }) => multiaddr))
const observeAgain = (): void => { some.forEach((peer, i) => book.observe(peer, again[i] ?? [], { source: 'identify' })) }
const recent = some.slice(-100)
// warm-up: the compilation by the engine must not be measured
observeAgain()
await measure('observe, known', 5 * some.length * addressCount, () => {
  for (let round = 0; round < 5; round++) {
    observeAgain()
  }
})
await measure('query', 2_000 * recent.length, () => {
  for (let round = 0; round < 2_000; round++) {
    recent.forEach(peer => book.query(peer))
  }
})
await measure('query, not parsed', some.length, () => { some.forEach(peer => book.query(peer)) })

await measure('write', peerCount, async () => {
  await book.beforeStart()
  await book.stop()
})

let size = 0

for (const { value } of datastore.query({}) as Iterable<{ value: Uint8Array }>) {
  size += value.byteLength
}

figures['written'] = size / reports

const read = bookIn(datastore)
await measure('read', peerCount, async () => read.beforeStart())

if (read.size !== peerCount) {
  throw new Error(`${read.size} of ${peerCount} peers were read`)
}

await read.stop()

// a book without a datastore: the sweep then writes nothing
const swept = bookIn()
observeAll(swept)
await swept.start()
await measure('sweep, nothing is due', peerCount, () => { clock.advance(60_000) })
await measure('sweep, all is due', peerCount, () => { clock.advance(60 * 60_000) })

if (swept.size !== 0) {
  throw new Error(`${swept.size} peers are left`)
}

await swept.stop()
console.log(JSON.stringify(figures))
