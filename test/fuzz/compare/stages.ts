import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../../src/pipeline/clock.ts'
import { hash } from '../random.ts'
import type { Step } from './description.ts'
import type { Library } from './library.ts'

/** Creates a stage of a description. Throws if the version has no such stage */
type Make = (library: Library, step: Step) => any

const has = (salt: number) => ({ id }: { id: string }): boolean => hash(`${salt} ${id}`) % 3 > 0

const isRelayed = ({ id }: { id: string }): boolean => id.includes('/p2p-circuit')

async function wait (ms: number, { clock, signal }: any): Promise<void> {
  return sleep(ms, clock, signal)
}

/** Creates a hand-written stage that answers the whole list */
const listStage = (name: string, answer: (candidates: any[], dial: any, complete: boolean, salt: number) => any[]): Make => ({ stages, isStreamed }, { salt }) => isStreamed
  ? stages.stage({ name, accepts: ['candidates'], yields: 'candidates', run: async function * (lists: any, dial: any) { for await (const list of lists) { yield { ...list, candidates: answer(list.candidates, dial, list.complete, salt) } } } })
  : stages.stage(name, (dial: any) => ({ candidates, complete }: any) => answer(candidates, dial, complete, salt))

export const SOURCES: Record<string, Make> = {
  caller: ({ stages }) => stages.fromCaller(),
  store: ({ stages }, { when }) => stages.fromPeerStore({ when }),
  book: ({ stages }, { when }) => stages.fromAddressBook({ when }),
  routing: ({ stages }, { when }) => stages.fromRouting({ when }),
  known: ({ stages }, { when }) => stages.fromKnown({ when }),
  now: ({ stages }, { addresses, when }) => stages.source('now', () => addresses.map(text => multiaddr(text)), { when }),
  slow: ({ stages }, { addresses, ms, when }) => stages.source('slow', async function * (dial: any) {
    for (const text of addresses) {
      await wait(ms, dial)
      yield multiaddr(text)
    }
  }, { when })
}

export const LISTS: Record<string, Make> = {
  filter: ({ stages }, { salt }) => stages.filter('filter', has(salt)),
  slowFilter: ({ stages }, { salt, ms }) => stages.filter('slow-filter', async (one: any, dial: any) => wait(ms, dial).then(() => has(salt)(one))),
  rank: ({ stages }, { salt }) => stages.rank('rank', (a: any, b: any) => hash(`${salt} ${a.id}`) - hash(`${salt} ${b.id}`)),
  rankBy: ({ stages }, { salt }) => stages.rankBy('rank-by', ({ id }: any) => hash(`${salt} ${id}`) % 4),
  expand: ({ stages }, { salt, ms, addresses }) => stages.expand('expand', (one: any, dial: any) => has(salt)(one) ? [one] : wait(ms, dial).then(() => addresses.map(text => stages.candidate(multiaddr(text), dial.target.peerId)))),
  onlyIfNone: ({ stages }, { salt }) => stages.onlyIfNone(has(salt)),
  gather: ({ stages }, { ms }) => stages.gather(ms),
  take: ({ stages }, { count }) => stages.take(count),
  when: ({ stages }, { salt }) => stages.when(() => salt % 2 === 0, stages.filter('filter', has(salt))),
  untried: listStage('untried', (candidates, dial) => candidates.filter(one => dial.tried(one) === false)),
  whole: listStage('whole', (candidates, _dial, complete) => complete ? candidates : []),
  reversed: listStage('reversed', candidates => candidates.toReversed()),
  dialable: ({ stages }) => stages.dialable(),
  gater: ({ stages }) => stages.gater(),
  certified: ({ stages }) => stages.certified(),
  provenance: ({ stages }) => stages.provenance(),
  scope: ({ stages }) => stages.scope(),
  publicAddresses: ({ stages }) => stages.publicAddresses(),
  transports: ({ stages }) => stages.transports('tcp'),
  unshadowed: ({ stages }) => stages.unshadowed(),
  blackHole: ({ stages }) => stages.blackHole(),
  backoff: ({ stages }, { ms }) => stages.backoff({ base: ms * 5 }),
  giveUp: ({ stages }, { count }) => stages.giveUp({ attempts: count }),
  quota: ({ stages }, { count }) => stages.quota({ source: { routing: count } }),
  resolve: ({ stages }) => stages.resolve(),
  lookup: ({ stages }) => stages.lookup(),
  byCertified: ({ stages }) => stages.byCertified(),
  byDirect: ({ stages }) => stages.byDirect(),
  byHistory: ({ stages }) => stages.byHistory({ explore: 0 }),
  byProvenance: ({ stages }) => stages.byProvenance(),
  byQuic: ({ stages }) => stages.byQuic(),
  byReputation: ({ stages }, { salt }) => stages.byReputation(({ id }: any) => hash(`${salt} ${id}`) % 7),
  byLocalHearsay: ({ stages }) => stages.byLocalHearsay(),
  goOrder: ({ stages }) => stages.goOrder(),
  libp2pOrder: ({ stages }) => stages.libp2pOrder(),
  addressSorter: ({ stages }, { salt }) => stages.libp2pOrder({ addressSorter: (a: any, b: any) => Math.sign(hash(`${salt} ${a.multiaddr}`) - hash(`${salt} ${b.multiaddr}`)) })
}

export const PACES: Record<string, Make> = {
  stagger: ({ stages }, { ms }) => stages.stagger(ms),
  sequential: ({ stages }) => stages.sequential(),
  oddsPace: ({ stages }) => stages.oddsPace(),
  goDelays: ({ stages }) => stages.goDelays()
}

export const HOLDS: Record<string, Make> = {
  prefer: ({ stages }, { salt, ms, count }) => stages.prefer(has(salt), count % 2 === 0 ? {} : { after: ms }),
  relaysLater: ({ stages }, { ms, count }) => stages.prefer((one: any) => !isRelayed(one), count % 2 === 0 ? {} : { after: ms }),
  hold: ({ stages }, { salt, ms }) => stages.hold('hold', (race: any) => (one: any) => has(salt)(one) ? 0 : race.firstStart + ms),
  localHearsayLater: ({ stages }) => stages.localHearsayLater()
}

export const CONNECTING: Record<string, Make> = {
  race: ({ stages }) => stages.race(),
  layered: ({ stages }, { ms, count }) => stages.race({ attempt: [stages.attemptRetry(count % 3, { delay: ms }), stages.attemptTimeout(ms * 4)] }),
  fallback: (library, { parts }) => library.stages.fallback(...parts.map(part => library.pipeline(part))),
  retry: (library, { ms, count, parts: [part = []] }) => library.stages.retry(library.pipeline(part), { retries: count % 3, delay: ms }),
  timeout: (library, { ms, parts: [part = []] }) => library.stages.timeout(ms * 3, library.pipeline(part)),
  pipeline: (library, { parts: [part = []] }) => library.pipeline(part)
}

export const BELOW: Record<string, Make> = {
  converge: ({ stages }, { ms }) => stages.converge({ linger: ms }),
  verify: ({ stages }, { salt, ms }) => stages.verify(async ({ remoteAddr }: any, { signal }: any, { clock }: any) => wait(ms, { clock, signal }).then(() => has(salt)({ id: remoteAddr.toString() })), { timeout: ms + 100 })
}

const PRESETS = ['adaptive', 'aggressive', 'certifiedFirst', 'certifiedOnly', 'directFirst', 'frugal', 'goLike', 'publicOnly', 'quicFirst', 'staggered', 'stock']

export const WHOLE: Record<string, Make> = Object.fromEntries(PRESETS.map(name => [name, ({ presets }) => presets[name]()]))

export const KINDS: Record<string, Make> = { ...SOURCES, ...LISTS, ...PACES, ...HOLDS, ...CONNECTING, ...BELOW, ...WHOLE }
