import test from 'ava'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { listStagesOf } from '../../src/pipeline/runtime/connect.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { provenance } from '../../src/stages/provenance.ts'
import { race } from '../../src/stages/race.ts'
import { cand, reason, said, tryOut } from '../testing/try-out.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { DialPipelineOptions, ProvenancePolicy } from '../../src/pipeline/types.ts'

/** `dialled of a,b`: dialled while these sources named the address */
const report = (text: string) => ({ source: text.split(' ')[0] as string, from: text.split(' of ')[1]?.split(',') })
const from = (n: number, ...sources: readonly string[]) => cand(n, { provenance: sources.map(report) })
const CANDIDATES = [from(1, 'user'), from(2, 'dht', 'certified'), from(3, 'dht'), from(4)]

const CASES: ReadonlyArray<[what: string, policy: ProvenancePolicy, kept: string]> = [
  ['addresses of any included source', { include: ['user', 'certified'] }, '1 2'],
  ['addresses of a source that is not excluded, and drops unattributed ones', { exclude: ['dht'] }, '1 2'],
  ['no address whose only included source is excluded', { include: ['dht'], exclude: ['dht'] }, ''],
  ['no address for an empty include', { include: [] }, ''],
  ['all addresses for an empty exclude', { exclude: [] }, '1 2 3 4']
]

for (const [what, policy, kept] of CASES) {
  test(`provenance() keeps ${what}`, async t => {
    const trial = tryOut(t, provenance(policy))
    trial.give({ candidates: CANDIDATES })
    await trial.settle()
    t.deepEqual(said(trial), [kept])
  })

  test(`the dial option provenance keeps ${what}`, async t => {
    const trial = tryOut(t, provenance({ include: ['another'] }), { options: { provenance: policy } })
    trial.give({ candidates: CANDIDATES })
    await trial.settle()
    t.deepEqual(said(trial), [kept])
  })
}

test('an array as the dial option provenance lists sources to include', async t => {
  const trial = tryOut(t, provenance(), { options: { provenance: ['user'] } })
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('provenance() gives the sources of a dropped address as reason', async t => {
  const trial = tryOut(t, provenance({ include: ['user'] }))
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.is(reason(trial, cand(2)), 'from dht, certified, not from \'user\'')
  t.is(reason(trial, cand(4)), 'from nobody knows where, not from \'user\'')
})

for (const [policy, text] of [
  [['friend', 'of a friend'], 'from dht, not from \'friend\', \'of a friend\''],
  [Array.from({ length: 9 }, (_, i) => `tracker ${i}`), `from dht, not from ${Array.from({ length: 8 }, (_, i) => `'tracker ${i}'`).join(', ')}, …`],
  [[], 'from dht, and no source is included'],
  [{ include: ['dht'], exclude: ['dht'] }, 'from dht, and no source is included'],
  [{ exclude: ['dht'] }, 'from dht, which is excluded']
] as const) {
  test(`provenance() with ${JSON.stringify(policy)} gives what it requires as reason`, async t => {
    const trial = tryOut(t, provenance(policy))
    trial.give({ candidates: [from(3, 'dht')] })
    await trial.settle()
    t.is(reason(trial, cand(3)), text)
  })
}

for (const [what, policy, sources, isKept] of [
  ['is only stored, which the DHT may have done', ['dht'], ['peer-store'], false],
  ['is only stored, which a tracker may have done', ['tracker'], ['peer-store'], false],
  ['has an unknown source', ['dht'], ['unknown'], false],
  ['was derived from a stored one', ['dht'], ['derived', 'peer-store'], false],
  ['is stored and user-given', ['dht'], ['peer-store', 'user'], true],
  ['is certified', ['dht'], ['certified'], true],
  ['has no report', ['dht'], [], false],
  ['has no report, which those sources never leave', ['dcutr', 'autonat'], [], true],
  ['is only stored, which DCUtR never does', ['dcutr', 'autonat'], ['peer-store'], true],
  ['has an unknown source', ['peer-store'], ['unknown'], true],
  ['is an answer for a name of the DHT', ['dht'], ['dht', 'dns'], false],
  ['is an answer for a stored name', ['dht'], ['peer-store', 'dns'], false],
  ['is an answer for a name of the user', ['dht'], ['user', 'dns'], true],
  ['is an answer for a name of DCUtR', ['dcutr'], ['dcutr', 'dns'], false],
  ['is an answer for a certified name', ['dht'], ['dns'], true],
  ['was dialled because of the DHT', ['dht'], ['dialled of dht'], false],
  ['was dialled because of the DHT and of routing', ['dht', 'routing'], ['dialled of dht,routing'], false],
  ['was dialled because of the DHT and is user-given now', ['dht'], ['dialled of dht', 'user'], true],
  ['was dialled because of the DHT and of mDNS', ['dht'], ['dialled of dht,mdns'], true],
  ['was dialled because of the user', ['dht'], ['dialled of user'], true],
  ['was dialled, when dialled itself is excluded', ['dialled'], ['dialled of user'], false],
  ['was dialled because of an unknown source', ['dht'], ['dialled'], false],
  ['was dialled because it was stored', ['dht'], ['dialled of peer-store'], false],
  ['was dialled because of an unknown source', ['dcutr', 'autonat'], ['dialled'], true],
  ['was dialled because of DCUtR', ['dcutr', 'autonat'], ['dialled of dcutr'], false],
  ['was dialled because of an answer for a name of the DHT', ['dht'], ['dialled of dht,dns'], false],
  ['was dialled because of an answer for a name of the user', ['dht'], ['dialled of user,dns'], true]
] as const) {
  test(`excluding ${policy.join(' and ')} ${isKept ? 'keeps' : 'drops'} an address that ${what}`, async t => {
    const trial = tryOut(t, provenance({ exclude: policy }))
    trial.give({ candidates: [from(1, ...sources)] })
    await trial.settle()
    t.deepEqual(said(trial), [isKept ? '1' : ''])
  })
}

for (const [exclude, isAttributed, isKept] of [
  [['dht'], false, false],
  [['mdns'], false, false],
  [['dht'], true, true],
  [['dcutr', 'autonat'], false, true]
] as const) {
  test(`excluding ${exclude.join(' and ')} ${isKept ? 'keeps' : 'drops'} a routing address in a node ${isAttributed ? 'with' : 'without'} withProvenance()`, async t => {
    const trial = tryOut(t, provenance({ exclude }), { components: () => ({ addressBook: { isAttributed, query: () => [] } }) })
    trial.give({ candidates: [from(1, 'routing'), from(2, 'routing', 'user')] })
    await trial.settle()
    t.deepEqual(said(trial), [isKept ? '1 2' : '2'])
  })
}

for (const [of, isKept] of [['dht', false], ['dht,dns', false], ['dht,user', true]] as const) {
  test(`including dialled and excluding dht ${isKept ? 'keeps' : 'drops'} an address dialled because of ${of}`, async t => {
    const trial = tryOut(t, provenance({ include: ['dialled'], exclude: ['dht'] }))
    trial.give({ candidates: [from(1, `dialled of ${of}`), from(2, 'dialled')] })
    await trial.settle()
    t.deepEqual(said(trial), [isKept ? '1 2' : '2'])
  })
}

test('the reason of provenance() names the sources of a dialled address', async t => {
  const trial = tryOut(t, provenance({ exclude: ['dht'] }))
  trial.give({ candidates: [from(1, 'dialled of dht')] })
  await trial.settle()
  t.is(reason(trial, cand(1)), 'from dialled (named by dht), which is excluded')
})

test('the reason of provenance() for an address of unknown source says what to do', async t => {
  const trial = tryOut(t, provenance({ exclude: ['dht'] }))
  trial.give({ candidates: [from(1, 'peer-store')] })
  await trial.settle()
  t.is(reason(trial, cand(1)), 'from peer-store, and nobody knows who named it: withProvenance() has the node know')
})

test('provenance() throws for an invalid list of sources', t => {
  for (const nonsense of ['user', 1, [1]] as any[]) {
    t.throws(() => provenance({ include: nonsense }), { name: 'InvalidPipelineError' })
    t.throws(() => provenance({ exclude: nonsense }), { name: 'InvalidPipelineError' })
  }
})

test('an invalid dial option provenance rejects that dial', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), provenance(), race()))
  await t.throwsAsync(engine.dial(address(1, await newPeer()), { provenance: { include: 'user' as any } }), { name: 'InvalidParametersError', message: /option "provenance"/ })
})

test('a dial with the option provenance rejects when the pipeline has no provenance()', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), race()))
  await t.throwsAsync(engine.dial(address(1, await newPeer()), { provenance: ['user'] }), { name: 'UnsupportedDialOptionError' })
})

test('provenance() without a policy keeps all addresses', async t => {
  const trial = tryOut(t, provenance())
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2 3 4'])
})

for (const [args, options, isThere] of [
  [[], {}, false],
  [[{ exclude: [] }], {}, false],
  [[], { provenance: ['user'] }, true],
  [[{ exclude: ['dht'] }], {}, true],
  [[['user']], { provenance: { exclude: [] } }, true]
] as ReadonlyArray<[Parameters<typeof provenance>, DialPipelineOptions, boolean]>) {
  test(`provenance(${args.map(one => JSON.stringify(one)).join()}) ${isThere ? 'is part of' : 'is left out of'} a dial with options ${JSON.stringify(options)}`, t => {
    const part: any = { host: { options, node: {} } }
    t.is(listStagesOf([provenance(...args)], part).length, Number(isThere))
    // the same policy, inherited by a relay's dial
    t.is(listStagesOf([provenance(...args)], { host: { options: {}, node: {} } } as any, options).length, Number(isThere))
  })
}

test('a filter cannot change the source of a report, so that provenance() still refuses it', async t => {
  const peer = await newPeer()
  const forge = filter('forge', ({ provenance: [report] }) => {
    t.throws(() => { Object.assign(report as object, { source: 'certified' }) }, { instanceOf: TypeError })

    return true
  })
  const { engine, network } = engineWorld(pipeline(source('dht', () => [address(1)]), forge, provenance(['certified']), race()))

  await t.throwsAsync(engine.dial(peer), { name: 'NoValidAddressesError' })
  t.deepEqual(network.dialled, [])
})
