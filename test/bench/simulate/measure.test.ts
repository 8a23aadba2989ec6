import test from 'ava'
import { curves } from '../../../bench/simulate/curves.ts'
import { dialers } from '../../../bench/simulate/dialers.ts'
import { families } from '../../../bench/simulate/families.ts'
import { heldOut } from '../../../bench/simulate/held-out.ts'
import { measure } from '../../../bench/simulate/measure.ts'
import { measureInParts } from '../../../bench/simulate/parts.ts'
import { familyReport } from '../../../bench/simulate/report.ts'
import { summaryOf } from '../../../bench/simulate/summary.ts'
import { simulatedNetwork } from '../../../src/testing/index.ts'
import type { SimulatedDialer } from '../../../bench/simulate/dialers.ts'
import type { Family } from '../../../bench/simulate/families.ts'
import type { Measurement } from '../../../bench/simulate/measure.ts'

const offline: Family = { name: 'A', title: 'with <offline> peers', network: { addresses: [{ transport: 'tcp', count: 3, good: 0.6, refuses: 0.3 }], online: 0.6 } }

async function measured (family: Family, peers = 30): Promise<Map<string, Measurement>> {
  const all = new Map<string, Measurement>()

  for (const dialer of dialers.filter(({ knows }) => knows == null)) {
    all.set(dialer.name, await measure({ family, dialer, peers, seed: 1 }))
  }

  return all
}

test('the oracle has no regret with one attempt, and dialling all at once has none with three', async t => {
  const [oracle, all] = await Promise.all(dialers.slice(0, 2).map(async dialer => summaryOf(await measure({ family: offline, dialer, peers: 50, seed: 1 }))))
  t.deepEqual([oracle?.regret, oracle?.attempts, all?.regret, all?.attempts], [0, 1, 0, 3])
})

test('all dialers are measured with the same peers, and offline peers are counted apart', async t => {
  const all = [...(await measured(offline)).values()]
  const limits = all.map(({ reached }) => reached.map(({ limit }) => limit))
  limits.forEach(one => { t.deepEqual(one, limits[0]) })
  t.true((limits[0]?.length ?? 0) > 10, `${limits[0]?.length} limits`)
  t.true((limits[0]?.length ?? 30) < 25, `${limits[0]?.length} limits`)
  t.true(all.slice(2).every(({ reached, unreachable }) => reached.length + unreachable.length === 30))
})

test('the result of a measurement is the same for one and two threads', async t => {
  const family = families.find(({ name }) => name === 'offline 26') as Family
  const dialer = dialers.find(({ knows }) => knows === 'peers') as SimulatedDialer
  const whole = await measure({ family, dialer, peers: 30, seed: 3 })
  let done = 0
  t.deepEqual(await measureInParts({ family, dialer, peers: 30, seed: 3, jobs: 2, onProgress: more => { done += more } }), whole)
  // the second thread, which has ten peers, reports no progress
  t.is(done, 20)
})

test('a dialer that fails counts as ten seconds, however soon it fails', async t => {
  const family: Family = { name: 'A', title: 'a second address that connects', network: { addresses: [{ transport: 'quic', good: 0 }, { transport: 'tcp' }] } }
  const { take } = await import('../../../src/stages/take.ts')
  const { stock } = await import('../../../presets/stock.ts')
  const givingUp: SimulatedDialer = { name: 'gives up', pipeline: stock().replace('take', take(0)) }
  const { reached } = await measure({ family, dialer: givingUp, peers: 2, seed: 1 })
  t.deepEqual(reached.map(({ time, connected, attempts }) => [time, connected, attempts]), [[10_000, false, 0], [10_000, false, 0]])
})

test('familyReport() has a row for each dialer and says when dialers give up on offline peers', async t => {
  const report = familyReport({ family: offline, measured: await measured(offline) })
  t.regex(report, /^### A: with <offline> peers\n/)
  t.is(report.match(/^\| (?!dialer|---)/gm)?.length, 8)
  t.regex(report, /gives up after/)
  t.regex(report, /^\| stock\(\) .*\| 10\.0 s \| 2\.00 \|$/m)
})

test('curves() draws two lines for each dialer and escapes the title', async t => {
  const svg = curves({ family: offline, measured: await measured(offline) })
  t.is(svg.match(/stroke-width="1.8"/g)?.length, 16)
  t.regex(svg, /with &lt;offline> peers/)
  t.notRegex(svg, /NaN|undefined|Infinity/)
  t.regex(svg, /prefers-color-scheme:dark/)
})

test('each family, and each of the 40 held-out ones, has peers that can be reached', t => {
  t.is(heldOut.length, 40)
  t.is(new Set([...families, ...heldOut].map(({ name }) => name)).size, families.length + 40)

  for (const { name, network } of [...families, ...heldOut]) {
    const peers = simulatedNetwork(network)
    t.true(Array.from({ length: 40 }, (_, n) => peers.peer(n)).some(({ limit }) => limit < 6_000), name)
  }
})
