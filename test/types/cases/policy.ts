import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import '../../../src/index.ts'
import { byProvenance, provenance, quota, source } from '../../../src/stages/index.ts'

const node = await createLibp2p()
const address = multiaddr('/ip4/192.0.2.1/tcp/4001')
const sources: string[] = ['user']
const fixed = ['user', 'tracker'] as const

await node.dial(address, { provenance: ['user', 'tracker'], source: 'tracker' })
await node.dial(address, { provenance: fixed })
await node.dial(address, { provenance: { include: sources, exclude: fixed } })
export const stages = [provenance(sources), provenance({ exclude: ['dht'] }), byProvenance('user', 'tracker'), quota({ source: { dht: 1, tracker: 2 } }), source('mine', () => [], { provenance: 'tracker' })]

// error: 'includes' does not exist in type 'ProvenancePolicy | SourceList
await node.dial(address, { provenance: { includes: ['user'] } })

// error: 'excluded' does not exist
export const misspelt = provenance({ excluded: ['dht'] })

// error: Type 'string' is not assignable to type 'ProvenancePolicy | SourceList
await node.dial(address, { provenance: 'certified' })

// error: is not assignable
export const set = provenance(new Set(['user']))
