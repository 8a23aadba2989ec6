import { sleep } from '../../src/pipeline/clock.ts'
import { byCertified, byDirect, byHistory, byProvenance, byQuic, byReputation, goDelays, goOrder, libp2pOrder, oddsPace, relaysLater, sequential, stagger } from '../../src/stages/index.ts'
import { complies } from '../testing/complies.ts'
import { reportedAddresses } from './compliance-fixtures.ts'

complies('libp2p-order', () => libp2pOrder())
complies('libp2p-order by an address sorter', () => libp2pOrder(), {
  components: () => ({ settings: { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, addressSorter: (a, b) => Math.sign(b.multiaddr.toString().length - a.multiaddr.toString().length) as -1 | 0 | 1 } })
})
complies('stagger', () => stagger())
complies('sequential', () => sequential())
complies('libp2p-order by a function', () => libp2pOrder({ addressSorter: (a, b) => Math.sign(a.multiaddr.toString().length - b.multiaddr.toString().length) as -1 | 0 | 1 }))
complies('by-certified', () => byCertified())
complies('by-history', () => byHistory({ explore: 0 }))
complies('by-history that explores', () => byHistory({ explore: 1 }))
complies('by-reputation', () => byReputation(({ id }) => id.length))
complies('by-reputation that takes its time', () => byReputation(async ({ id }, { clock, signal }) => {
  await sleep(id.length, clock, signal)

  return id.length
}, { minScore: 90 }))
complies('relays-later', () => relaysLater())
complies('relays-later for a while', () => relaysLater(100))
complies('go-delays', () => goDelays())
complies('go-order', () => goOrder())
complies('odds-pace', () => oddsPace())
complies('by-provenance', () => byProvenance(), reportedAddresses)
complies('by-quic', () => byQuic())
complies('by-direct', () => byDirect())
