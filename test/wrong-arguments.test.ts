// calls each exported function with a text, NaN, −1 and an object with an unknown key in each position, with undefined in place of a
// function, and with one argument more than it takes
import { inspect } from 'node:util'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import * as presets from '../presets/index.ts'
import * as books from '../src/address-book/index.ts'
import * as root from '../src/index.ts'
import * as stages from '../src/stages/index.ts'
import * as streams from '../src/stream-migration/index.ts'
import * as testing from '../src/testing/index.ts'
import * as traces from '../src/trace/index.ts'
import { traced } from './trace/sample.ts'

const key = await generateKeyPair('Ed25519')
const peerId = peerIdFromPrivateKey(key)
const address = multiaddr(`/ip4/192.0.2.1/tcp/4001/p2p/${peerId.toString()}`)
const fn = (): any => undefined
const clock = new testing.VirtualClock()
const network = new testing.ScriptedNetwork(clock)
const race = stages.race()
const node = { components: {} }
const events = { addEventListener: fn, removeEventListener: fn, preferred: fn }

const TEXT = 'text'
const ANY_OBJECT = { ofNobody: 1 }
const WRONG = [TEXT, NaN, -1, ANY_OBJECT]

interface Row {
  /** Valid arguments in order. Options are an empty object, because each is optional */
  readonly takes: readonly unknown[]
  /** Wrong values that are valid in a position */
  readonly right?: Readonly<Record<number, readonly unknown[]>>
  /** Rejects instead of throwing */
  readonly isAsync?: boolean
}

const NAMED = { 0: [TEXT] }
const NOTHING: Row = { takes: [undefined] }
const OPTIONS: Row = { takes: [{}] }
const NAME_AND_FUNCTION: Row = { takes: ['door', fn, {}], right: NAMED }

const ROWS: Record<string, Row> = {
  // .
  attach: { takes: [node, presets.stock(), {}] },
  dialer: { takes: [presets.stock(), {}] },
  followPreferred: { takes: [events, { newStream: fn }, fn, {}], isAsync: true },
  // ./address-book
  addressBook: OPTIONS,
  // resolves with a refusal for any bytes
  openRecord: { takes: [new Uint8Array(), {}], right: { 0: WRONG }, isAsync: true },
  sealRecord: { takes: [key, { multiaddrs: [address], seq: 1n }], isAsync: true },
  withProvenance: { takes: [{}], right: { 0: [ANY_OBJECT] } },
  withSource: { takes: ['door', fn], right: NAMED },
  // ./presets
  adaptive: OPTIONS,
  aggressive: NOTHING,
  certifiedFirst: NOTHING,
  certifiedOnly: NOTHING,
  directFirst: NOTHING,
  fromConnectionManagerInit: OPTIONS,
  frugal: NOTHING,
  goLike: NOTHING,
  publicOnly: NOTHING,
  quicFirst: NOTHING,
  staggered: NOTHING,
  stock: NOTHING,
  // ./stages
  advice: { takes: [presets.stock()] },
  attemptRetry: { takes: [1, {}] },
  attemptTimeout: { takes: [1] },
  backoff: OPTIONS,
  bans: NOTHING,
  blackHole: NOTHING,
  byCertified: NOTHING,
  byDirect: NOTHING,
  byHistory: OPTIONS,
  byLocalHearsay: NOTHING,
  byProvenance: { takes: ['user'], right: NAMED },
  byQuic: NOTHING,
  byReputation: { takes: [fn, {}] },
  candidate: { takes: [address, peerId, {}] },
  certified: NOTHING,
  converge: OPTIONS,
  dialable: NOTHING,
  expand: NAME_AND_FUNCTION,
  fallback: { takes: [race, race] },
  filter: NAME_AND_FUNCTION,
  fromAddressBook: OPTIONS,
  fromBootstrap: { takes: [[address], {}] },
  fromCaller: NOTHING,
  fromKnown: OPTIONS,
  fromPeerStore: OPTIONS,
  fromRouting: OPTIONS,
  gater: NOTHING,
  gather: { takes: [50] },
  giveUp: OPTIONS,
  goDelays: NOTHING,
  goOrder: NOTHING,
  hold: NAME_AND_FUNCTION,
  libp2pOrder: OPTIONS,
  localHearsayLater: NOTHING,
  lookup: NOTHING,
  oddsPace: OPTIONS,
  onlyIfNone: { takes: [fn, {}] },
  pace: NAME_AND_FUNCTION,
  peerOf: { takes: [address] },
  pipeline: { takes: [stages.fromCaller(), race], right: NAMED },
  pipelineOf: { takes: [[race], {}] },
  prefer: { takes: [fn, {}] },
  provenance: { takes: [['user']] },
  publicAddresses: NOTHING,
  quota: OPTIONS,
  race: OPTIONS,
  rank: { takes: ['door', fn, fn], right: NAMED },
  rankBy: NAME_AND_FUNCTION,
  relaysLater: { takes: [1_000] },
  requireProtocol: { takes: ['/door/1'], right: NAMED },
  resolve: OPTIONS,
  retry: { takes: [race, {}] },
  scope: OPTIONS,
  sequential: NOTHING,
  source: NAME_AND_FUNCTION,
  stage: NAME_AND_FUNCTION,
  stagger: { takes: [250] },
  take: { takes: [1] },
  timeout: { takes: [100, race] },
  transports: { takes: ['tcp', 'ws'] },
  unshadowed: NOTHING,
  verify: { takes: [fn, {}] },
  when: { takes: [fn, stages.take(), {}] },
  // ./stream-migration
  streamMigration: OPTIONS,
  // ./trace
  renderPlan: { takes: [{ version: 1, target: { addresses: [] }, pipeline: { stages: [] }, sources: [], awaited: [], addresses: [] }, {}] },
  renderTrace: { takes: [traced(), {}] },
  renderWaterfall: { takes: [traced(), {}] },
  // ./testing
  compliance: { takes: [stages.take, {}] },
  scriptedComponents: { takes: [{ clock, network, peerId }] },
  settled: { takes: [] },
  simulate: { takes: [presets.stock(), { network: testing.simulatedNetwork({ addresses: [{ transport: 'tcp' }] }), peers: 1 }] },
  simulatedNetwork: { takes: [{ addresses: [{ transport: 'tcp' }] }] },
  simulatedNode: { takes: [presets.stock(), {}] },
  testDial: { takes: [{ components: {} }] }
}

const EXPORTED = Object.entries<unknown>({ ...root, ...books, ...presets, ...stages, ...streams, ...testing, ...traces })
  .filter((entry): entry is [string, (...args: readonly unknown[]) => unknown] => typeof entry[1] === 'function' && !/^class\b/.test(entry[1].toString()))

test('ROWS lists exactly the exported functions', t => {
  t.deepEqual(Object.keys(ROWS).toSorted(), EXPORTED.map(([name]) => name).toSorted())
})

/** Functions with any number of arguments, and functions that map() calls, which passes an index after the value */
const TAKE_ALL = new Set(['byProvenance', 'fallback', 'pipeline', 'rank', 'requireProtocol', 'transports', 'advice', 'openRecord', 'peerOf', 'settled'])

async function refusalOf (call: () => unknown, isAsync: boolean): Promise<Error | undefined> {
  try {
    const made = call()

    if (isAsync) {
      await made
    }
  } catch (err) {
    return err as Error
  }
}

for (const [name, factory] of EXPORTED) {
  const { takes, right = {}, isAsync = false } = ROWS[name] ?? NOTHING
  const wrongAt = (i: number): unknown[] => [...WRONG, ...typeof takes[i] === 'function' ? [undefined] : []].filter(value => right[i]?.includes(value) !== true)

  if (takes.length > 0) {
    test(`${name}() throws at once for wrong arguments, with an error that names it`, async t => {
      for (const [i, value] of takes.flatMap((_, i) => wrongAt(i).map(value => [i, value] as const))) {
        const refused = await refusalOf(() => factory(...takes.with(i, value)), isAsync)

        t.true(refused?.name === 'InvalidPipelineError' || refused?.name === 'InvalidParametersError', `${inspect(value)} as argument ${i + 1}: ${String(refused)}`)
        t.regex(refused?.message ?? '', new RegExp(`\\b${name}\\b`))
      }
    })
  }

  if (!TAKE_ALL.has(name)) {
    test(`${name}() throws for an argument too many`, async t => {
      for (const more of [3, null, 'exhausted', {}, race]) {
        const refused = await refusalOf(() => factory(...takes.filter(value => value !== undefined), more), isAsync)

        t.true(refused?.name === 'InvalidPipelineError' || refused?.name === 'InvalidParametersError', `${inspect(more)}: ${String(refused)}`)
        t.regex(refused?.message ?? '', new RegExp(`^${name}\\(\\) takes .*, and was given `))
      }
    })
  }
}
