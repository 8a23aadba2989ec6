import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import * as stages from '../../src/stages/index.ts'
import { circuit, PEER, RELAY } from '../dialer/behind-relay.ts'
import { estimate, FakeHistory } from './fake-history.ts'
import type { AnyStage, Candidate, Dial, DialComponents } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const LOCAL = '/ip4/10.0.0.1/tcp/1'
const WS = '/ip4/198.41.0.1/tcp/2/ws'
const TCP = '/ip4/198.41.0.1/tcp/2'
const QUIC = '/ip4/198.41.0.2/udp/3/quic-v1'
/** An address that the source of a row finds, or to which a name resolves */
const OTHER = '/ip4/198.41.0.3/tcp/4'

/** The addresses of the relay in the peer store. The last one is certified */
export const STORED = [LOCAL, WS, TCP, QUIC]

/** The address of the relay that the node's own source finds, if its pipeline lacks the source of the row */
export const FOUND = TCP

/** Every address that a row may dial, so that all of them have a script */
export const REFUSING = [...STORED, OTHER]

/** The targets of the dials: the peer behind the relay, and the relay */
type Targets = readonly [peer: PeerId | Multiaddr, relay: PeerId | Multiaddr]

export const IDS: Targets = [PEER, RELAY]

/** A stage, used so that a dial with it differs visibly from a dial without it */
export interface Row {
  /** Creates the stage. `forRelays` is for the stages that take it */
  readonly make: (options: { forRelays?: boolean }) => AnyStage
  /** Whether the stage is the only source above the race, or replaces the race. Default: it is another stage above the race */
  readonly kind?: 'source' | 'race'
  /** Stages above it in every pipeline */
  readonly above?: readonly AnyStage[]
  /** The addresses of the relay in the peer store. Default: STORED */
  readonly stored?: readonly string[]
  readonly components?: Partial<DialComponents>
  /** Default: IDS */
  readonly targets?: Targets
  /** Whether the stage affects dials of relays. Default: it affects those through the pipeline of the node */
  readonly isForRelays?: boolean
  /** Why a dial of a relay is the same with and without the stage */
  readonly unseen?: string
}

const fn = (): any => true
const isLocal = ({ id }: Candidate): boolean => id.startsWith(LOCAL)
const isNotLocal = (one: Candidate): boolean => !isLocal(one)
const localLast = (a: Candidate, b: Candidate): number => Number(isLocal(a)) - Number(isLocal(b))
const slow = stages.source('slow', async (dial: Dial) => sleep(100, dial.clock, dial.signal).then(() => []))
const reached = multiaddr(`${OTHER}/p2p/${RELAY}`)

/** Returns the addresses of the relay, and of the peer behind it, that the node learns */
const storedOf = (peer: unknown): Multiaddr[] => RELAY.equals(peer as any) ? [multiaddr(OTHER)] : PEER.equals(peer as any) ? [circuit()] : []
const storing = { peerStore: { get: async (id: unknown) => ({ id, addresses: storedOf(id).map(one => ({ multiaddr: one, isCertified: false })) }) } as any }

function booking (source: string, addressesOf: (peer: unknown) => Multiaddr[]): Partial<DialComponents> {
  return { addressBook: { isAttributed: true, query: peer => addressesOf(peer).map(one => ({ multiaddr: one, isCertified: false, provenance: [{ source, reporter: 'stranger' }] })) } }
}

function remembering (teach: (history: FakeHistory) => void): Partial<DialComponents> {
  const history = new FakeHistory()
  teach(history)

  return { history }
}

const byHand = (options: { forRelays?: boolean }): AnyStage => stages.stage('by-hand', () => ({ candidates }) => candidates.filter(isNotLocal), options)

const FLOOR = 'no pipeline dials what it drops'
const NO_RELAYED = 'a relay is not dialled over another relay'

/** The rows by the name in docs/reference/relays.md */
export const ROWS: Record<string, Row> = {
  certified: { make: () => stages.certified() },
  provenance: { make: () => stages.provenance(['certified']) },
  publicAddresses: { make: () => stages.publicAddresses() },
  scope: { make: () => stages.scope(), above: [stages.fromAddressBook()], stored: [], components: { ...booking('dht', peer => RELAY.equals(peer as any) ? [multiaddr(LOCAL), multiaddr(TCP)] : []), surroundings: { isPublic: true, wasPublic: () => true } } },
  bans: { make: () => stages.bans(), components: { bans: { reasonFor: subject => String('multiaddr' in subject ? subject.multiaddr : subject).startsWith(LOCAL) ? 'banned' : undefined } }, unseen: FLOOR },
  gater: { make: () => stages.gater(), components: { connectionGater: { denyDialMultiaddr: one => one.toString().startsWith(LOCAL) } }, unseen: FLOOR },
  dialable: { make: () => stages.dialable(), stored: ['/dns4/no\\host/tcp/1', TCP], unseen: FLOOR },
  onlyIfNone: { make: options => stages.onlyIfNone(one => isNotLocal(one), options) },
  'byReputation with `minScore`': { make: options => stages.byReputation(one => Number(isNotLocal(one)), { minScore: 1, ...options }) },
  filter: { make: options => stages.filter('own', isNotLocal, options) },
  stage: { make: byHand },
  resolve: { make: () => stages.resolve({ resolvers: { dnsaddr: { canResolve: one => one.toString().startsWith('/dnsaddr'), resolve: async () => [reached] } } }), stored: [`/dnsaddr/relay.test/p2p/${RELAY}`] },
  lookup: { make: () => stages.lookup(), stored: ['/dns4/relay.example.com/tcp/4'], components: { dns: { query: async (name: string) => ({ Answer: [{ name, type: 1, TTL: 60, data: '198.41.0.3' }] }) } as any } },
  expand: { make: options => stages.expand('own', one => isLocal(one) ? [] : [one], options) },
  when: { make: () => stages.when(fn, stages.publicAddresses()) },
  take: { make: () => stages.take(1) },
  quota: { make: () => stages.quota({ source: { 'peer-store': 1 } }) },
  unshadowed: { make: () => stages.unshadowed() },
  giveUp: { make: () => stages.giveUp({ attempts: 1 }) },
  backoff: { make: () => stages.backoff(), components: remembering(history => { history.fail(candidate(multiaddr(LOCAL), RELAY), 0) }) },
  blackHole: { make: () => stages.blackHole(), components: remembering(history => { history.paths.udp = { successes: 0, failures: 40, failuresInARow: 40 } }) },
  transports: { make: () => stages.transports('circuit'), isForRelays: false },
  fromCaller: { make: () => stages.fromCaller(), kind: 'source', targets: [circuit(OTHER), reached] },
  fromKnown: { make: () => stages.fromKnown(), kind: 'source', components: storing },
  fromPeerStore: { make: () => stages.fromPeerStore(), kind: 'source', components: storing },
  fromAddressBook: { make: () => stages.fromAddressBook(), kind: 'source', components: booking('user', storedOf) },
  fromBootstrap: { make: () => stages.fromBootstrap([reached, circuit()]), kind: 'source' },
  fromRouting: { make: () => stages.fromRouting(), kind: 'source', components: { peerRouting: { findPeer: async (id: unknown) => ({ id, multiaddrs: storedOf(id) }) } as any } },
  source: { make: () => stages.source('own', ({ target }) => storedOf(target.peerId)), kind: 'source' },
  libp2pOrder: { make: () => stages.libp2pOrder() },
  goOrder: { make: () => stages.goOrder() },
  byCertified: { make: () => stages.byCertified() },
  byProvenance: { make: () => stages.byProvenance() },
  byQuic: { make: () => stages.byQuic() },
  byDirect: { make: () => stages.byDirect(), unseen: NO_RELAYED },
  byHistory: { make: () => stages.byHistory({ explore: 0 }), components: remembering(history => { history.estimate = ({ id }) => ({ ...estimate, success: id.startsWith(QUIC) ? 0.9 : 0.1 }) }) },
  byLocalHearsay: { make: () => stages.byLocalHearsay(), components: booking('dht', () => []) },
  rank: { make: () => stages.rank('own', localLast) },
  rankBy: { make: () => stages.rankBy('own', one => Number(isLocal(one))) },
  'byReputation without `minScore`': { make: () => stages.byReputation(one => Number(isNotLocal(one))) },
  stagger: { make: () => stages.stagger(100) },
  sequential: { make: () => stages.sequential() },
  goDelays: { make: () => stages.goDelays() },
  oddsPace: { make: () => stages.oddsPace() },
  relaysLater: { make: () => stages.relaysLater(), unseen: NO_RELAYED },
  localHearsayLater: { make: () => stages.localHearsayLater(), components: booking('dht', () => []), stored: [...[1, 2, 3].map(n => `/ip4/10.0.0.${n}/tcp/1`), QUIC] },
  pace: { make: () => stages.pace('own', ({ lastStart }) => lastStart + 100) },
  hold: { make: () => stages.hold('own', () => one => isLocal(one) ? Infinity : 0) },
  prefer: { make: () => stages.prefer(isNotLocal) },
  gather: { make: () => stages.gather(1_000), above: [slow] },
  fallback: { make: () => stages.fallback(stages.pipeline(stages.take(1), stages.race()), stages.race()), kind: 'race' },
  retry: { make: () => stages.retry(stages.race(), { retries: 1, delay: 1 }), kind: 'race' },
  timeout: { make: () => stages.timeout(60_000, stages.race()), kind: 'race', unseen: 'it ends the dial that needs the relay, and with it that of the relay' },
  race: { make: () => stages.race({ attempt: [stages.attemptRetry(1)] }), kind: 'race' }
}
