import test from 'ava'
import { fromBootstrap } from '../../src/stages/from-bootstrap.ts'
import { PEER, said, short, tryOut } from '../testing/try-out.ts'
import { newPeer } from '../helpers/signing-peer.ts'

const other = await newPeer()
const list = ['/dnsaddr/a.one.example', '/dnsaddr/b.one.example', '/ip4/203.0.113.1/tcp/4001', '/ip4/203.0.113.2/tcp/4001', '/dnsaddr/two.example'].map(address => `${address}/p2p/${PEER}`)

test('fromBootstrap() lists the peer\'s addresses, alternating between operators', async t => {
  const trial = tryOut(t, fromBootstrap([`/ip4/1.2.3.4/tcp/1/p2p/${other}`, ...list]), { from: 'target' })
  trial.give()
  trial.give()
  await trial.settle()

  const [candidates, again] = [trial.outputs[0]?.candidates ?? [], trial.outputs.at(-1)?.candidates ?? []]
  t.is(short(candidates), '/dnsaddr/a.one.example 1 /dnsaddr/two.example /dnsaddr/b.one.example 2')
  t.deepEqual(candidates.map(({ provenance, isCertified }) => [provenance, isCertified]), candidates.map(() => [[{ source: 'bootstrap' }], false]))
  t.true(candidates.every((one, i) => one === again[i]))
})

test('fromBootstrap() lists nothing for another peer', async t => {
  const trial = tryOut(t, fromBootstrap([`/ip4/1.2.3.4/tcp/1/p2p/${other}`]), { from: 'target' })
  trial.give()
  await trial.settle()
  t.deepEqual(said(trial), [''])
})

test('fromBootstrap() throws for an invalid list', t => {
  t.throws(() => fromBootstrap([]), { name: 'InvalidPipelineError', message: /^A bootstrap list needs/ })
  t.throws(() => fromBootstrap(['/dnsaddr/two.example']), { name: 'InvalidPipelineError', message: /^A bootstrap list needs/ })
})
