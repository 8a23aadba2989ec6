import test from 'ava'
import * as books from '../../src/address-book/index.ts'
import * as stages from '../../src/stages/index.ts'
import { refusalOf, refusing } from './refusal.ts'
import { address, book, fn, peer } from './values.ts'

/** Functions that take the name of a source */
const SOURCES: Record<string, [make: (source: string) => unknown, error?: string]> = {
  'source, provenance': [source => stages.source('door', fn, { provenance: source })],
  'provenance, a list': [source => stages.provenance(['user', source])],
  'provenance, include': [source => stages.provenance({ include: [source] })],
  'provenance, exclude': [source => stages.provenance({ exclude: ['user', source] })],
  byProvenance: [source => stages.byProvenance('user', source)],
  'quota, source': [source => stages.quota({ source: { user: 1, [source]: 1 } })],
  withSource: [source => books.withSource(source, fn), refusing],
  'addressBook, ttl': [source => books.addressBook({ ttl: { [source]: 1 } }), refusing],
  'book.observe, source': [source => book.observe(peer, address, { source }), refusing],
  'book.removeReports, source': [source => book.removeReports(source), refusing]
}

for (const [what, [make, error = 'InvalidPipelineError']] of Object.entries(SOURCES)) {
  test(`${what} throws for a misspelt source, and suggests the right one`, async t => {
    for (const [misspelt, meant] of [['DHT', 'dht'], ['dth', 'dht'], ['dhts', 'dht'], ['Certified', 'certified'], ['dialed', 'dialled'], ['peerstore', 'peer-store'], ['users', 'user']] as const) {
      const refused = await refusalOf(() => make(misspelt))
      t.is(refused?.name, error, misspelt)
      t.true(refused?.message.endsWith(` knows no source '${misspelt}': did you mean '${meant}'?`), refused?.message)
    }
  })

  test(`${what} accepts known sources and an application's own`, async t => {
    for (const source of ['dht', 'dcutr', 'autonat', 'dns', 'peer-store', 'unknown', 'tracker', 'ens', 'kad-dht']) {
      t.is(await refusalOf(() => make(source)), undefined, source)
    }
  })
}

for (const [what, make] of Object.entries<(source: string) => unknown>({
  'source, provenance': source => stages.source('door', fn, { provenance: source }),
  'source, name': source => stages.source(source, fn),
  withSource: source => books.withSource(source, fn),
  'book.observe': source => book.observe(peer, address, { source })
})) {
  test(`${what} throws for the sources certified and dialled`, async t => {
    for (const source of ['certified', 'dialled']) {
      t.regex((await refusalOf(() => make(source)))?.message ?? '', new RegExp(` cannot claim '${source}': a (verified record|connection) makes an address that\\. Write 'user'`))
    }
  })
}
