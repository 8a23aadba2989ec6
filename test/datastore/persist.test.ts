import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { datastoreFor } from '../../src/datastore/persist.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** A datastore that counts as one on disk, because libp2p recognises MemoryDatastore by its name */
class LastingDatastore extends MemoryDatastore {}

/** Components of a node without a datastore */
const NONE = { get datastore (): Datastore { throw new Error('datastore not set') } }

function decide (components: { datastore?: Datastore }, init: Partial<Parameters<typeof datastoreFor>[1]>): { datastore?: Datastore, log: unknown[][] } {
  const log: unknown[][] = []
  const datastore = datastoreFor(components, { what: 'bans', persist: undefined, isDefault: false, log: { error: (...parts: unknown[]) => { log.push(parts) } } as unknown as Logger, ...init })

  return { datastore, log }
}

test('a node persists when persist is true, never when it is false, and by default when it is absent', t => {
  const datastore = new LastingDatastore()

  for (const [persist, isDefault, isKept] of [[undefined, false, false], [undefined, true, true], [true, false, true], [false, true, false]] as const) {
    t.deepEqual(decide({ datastore }, { persist, isDefault }), { datastore: isKept ? datastore : undefined, log: [] })
  }
})

for (const [how, components] of Object.entries({ 'has none': {}, 'throws for it': NONE, 'has one without batches': { datastore: {} as Datastore } })) {
  test(`persist: true throws when the node ${how}, and the default does not`, t => {
    t.throws(() => decide(components, { persist: true }), { name: 'InvalidParametersError', message: 'bans.persist needs a datastore, and this node has none: pass one to createLibp2p()' })
    t.deepEqual(decide(components, { isDefault: true }), { datastore: undefined, log: [] })
    t.deepEqual(decide(components, { persist: false }), { datastore: undefined, log: [] })
  })
}

test('persist: true with a MemoryDatastore logs once that nothing survives a restart, for any copy of datastore-core', t => {
  const OtherCopy = { MemoryDatastore: class MemoryDatastore extends LastingDatastore {} }.MemoryDatastore

  for (const datastore of [new MemoryDatastore(), new OtherCopy()]) {
    t.deepEqual(decide({ datastore }, { persist: true }), { datastore, log: [['%s.persist keeps nothing over a restart: the datastore of this node is in memory. Pass one that lasts to createLibp2p()', 'bans']] })
    t.deepEqual(decide({ datastore }, { what: 'history', persist: true }), { datastore, log: [] })
  }
})

test('a MemoryDatastore is used without a log line when persist is not true', t => {
  const datastore = new MemoryDatastore()
  t.deepEqual(decide({ datastore }, { isDefault: true }), { datastore, log: [] })
})
