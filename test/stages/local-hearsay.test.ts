import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { localHearsayLater, byLocalHearsay } from '../../src/stages/local-hearsay.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, dialled, said, tryOut } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const from = (address: string, ...sources: readonly string[]): Candidate => cand(address, { provenance: sources.map(source => ({ source })) })

test('byLocalHearsay() ranks local addresses of untrusted sources last, and keeps the order of others', async t => {
  const trial = tryOut(t, byLocalHearsay())
  trial.give({ candidates: [from('/ip4/10.0.0.1/tcp/1', 'dht'), from('/ip4/10.0.0.2/tcp/1', 'dht', 'identify'), from('/ip4/10.0.0.3/tcp/1', 'user'), from('/ip4/8.8.8.8/tcp/1', 'dht'), from('/dns4/example.com/tcp/1', 'routing')] })
  await trial.settle()

  t.deepEqual(said(trial), ['/ip4/10.0.0.2/tcp/1 /ip4/10.0.0.3/tcp/1 /ip4/8.8.8.8/tcp/1 /dns4/example.com/tcp/1 /ip4/10.0.0.1/tcp/1'])
})

test('localHearsayLater() allows two local hearsay addresses in flight', async t => {
  const doubtful = [1, 2, 3].map(n => from(`/ip4/10.0.0.${n}/tcp/1`, 'dht'))
  const plain = from('/ip4/8.8.8.8/tcp/1', 'dht')
  const trial = tryOut(t, pipeline(stagger(100), localHearsayLater(), race()))
  trial.script([doubtful[0] as Candidate], { refuses: 1_000 })
  trial.give({ candidates: [...doubtful, plain] })
  await trial.pass(1_500)

  t.deepEqual(dialled(trial), ['/ip4/10.0.0.1/tcp/1 @0', '/ip4/10.0.0.2/tcp/1 @100', '/ip4/8.8.8.8/tcp/1 @200', '/ip4/10.0.0.3/tcp/1 @1000'])
})
