import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { ScriptedNetwork } from '../../src/testing/scripted-network.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { PEER } from '../../src/testing/compliance/samples.ts'
import { cand } from './try-out.ts'

const one = cand(1).multiaddr
const bare = one.decapsulate('/p2p')

test('a scripted address connects in its time, with or without its peer id', async t => {
  for (const [scripted, dialled] of [[bare, one], [bare, bare], [one, one]] as const) {
    const clock = new VirtualClock(0)
    const network = new ScriptedNetwork(clock, { [scripted.toString()]: { connects: 100 } })
    const connection = await clock.until(network.dial(dialled, {}))
    t.is(clock.now(), 100)
    t.is(connection.remoteAddr, dialled)
    t.is(connection.status, 'open')
    t.deepEqual(network.open, [connection])
    t.deepEqual(network.dialled, [bare.toString()])
  }
})

test('a scripted address can answer before it connects', async t => {
  const clock = new VirtualClock(0)
  const network = new ScriptedNetwork(clock, { [bare.toString()]: { connects: 100, firstResponse: 30 } })
  const events: string[] = []
  await clock.until(network.dial(bare, { onProgress: ({ type }) => { events.push(`${type} @${clock.now()}`) } }))
  t.deepEqual(events, ['upgrader:encrypt-outbound-connection @30'])
  t.is(clock.now(), 100)
})

test('a scripted address can answer and encrypt before it refuses', async t => {
  const clock = new VirtualClock(0)
  const network = new ScriptedNetwork(clock, { [bare.toString()]: { refuses: 100, firstResponse: 30, encrypted: 80 } })
  const events: string[] = []
  await clock.until(t.throwsAsync(network.dial(bare, { onProgress: ({ type }) => { events.push(`${type} @${clock.now()}`) } }), { message: /ECONNREFUSED/ }))
  t.deepEqual(events, ['upgrader:encrypt-outbound-connection @30', 'upgrader:multiplex-outbound-connection @80'])
  t.is(clock.now(), 100)
})

test('a scripted address can encrypt before it connects', async t => {
  const clock = new VirtualClock(0)
  const network = new ScriptedNetwork(clock, { [bare.toString()]: { connects: 100, firstResponse: 30, encrypted: 80 } })
  const events: string[] = []
  await clock.until(network.dial(bare, { onProgress: ({ type }) => { events.push(`${type} @${clock.now()}`) } }))
  t.deepEqual(events, ['upgrader:encrypt-outbound-connection @30', 'upgrader:multiplex-outbound-connection @80'])
  t.is(clock.now(), 100)
})

test('a scripted address refuses in its time with its error', async t => {
  const clock = new VirtualClock(0)
  const network = new ScriptedNetwork(clock)
  network.script(bare.toString(), { refuses: 10 })
  await t.throwsAsync(clock.until(network.dial(one, {})), { message: 'connect ECONNREFUSED /ip4/203.0.113.1/tcp/4001' })
  t.is(clock.now(), 10)
  const error = new Error('Of its own')
  network.script(bare.toString(), { refuses: 0, error })
  t.is(await t.throwsAsync(clock.until(network.dial(one, {}))), error)
})

test('an address without a script is silent until it is aborted', async t => {
  const clock = new VirtualClock(0)
  const network = new ScriptedNetwork(clock)
  const controller = new AbortController()
  const dial = network.dial(one, { signal: controller.signal })
  await clock.advance(1_000_000)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(dial, { message: 'Enough' })
  t.is(clock.pending, 0)
  t.is(network.attempts[0]?.signal, controller.signal)
})

test('a scripted connection is closed or aborted once, with its status', async t => {
  for (const end of ['close', 'abort'] as const) {
    const clock = new VirtualClock(0)
    const network = new ScriptedNetwork(clock, { [bare.toString()]: { connects: 0 } })
    const connection = await clock.until(network.dial(one, {}))
    let closed = 0
    connection.addEventListener('close', () => { closed++ })
    await connection[end](new Error('Enough'))
    await connection[end](new Error('Enough'))
    await settled()
    t.is(closed, 1)
    t.is(connection.status, end === 'close' ? 'closed' : 'aborted')
    t.deepEqual(network.open, [])
  }
})

test('a scripted connection has its remote peer and whether it is direct', async t => {
  const clock = new VirtualClock(0)
  const relayed = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p-circuit/p2p/${PEER.toString()}`)
  const network = new ScriptedNetwork(clock, { [relayed.toString()]: { connects: 0 }, [one.toString()]: { connects: 0 } })
  t.like(await clock.until(network.dial(relayed, {})), { direct: false, remotePeer: PEER.toString() as any })
  t.like(await clock.until(network.dial(one, {})), { direct: true })
})

for (const [script, message] of [
  [{ conects: 40 }, 'The script of /ip4/203.0.113.1/tcp/4001 has no option "conects": did you mean "connects"? It has: connects, refuses, firstResponse, encrypted, isLimited, error'],
  [{ connects: 40, isLimitd: true }, /has no option "isLimitd": did you mean "isLimited"\?/],
  [{ connects: '40' }, /needs a number of milliseconds, 0 or more, or Infinity as connects, not '40'/],
  [{ connects: Number.NaN }, /needs a number of milliseconds, 0 or more, or Infinity as connects, not NaN/],
  [{ refuses: 40, error: 'no' }, /needs an error as error, not 'no'/],
  [{}, 'The script of /ip4/203.0.113.1/tcp/4001 needs either connects or refuses: write { connects: 40 }, { refuses: 40 } or \'silent\''],
  [{ connects: 40, refuses: 50 }, /needs either connects or refuses/],
  ['silnt', /needs an object of options, not 'silnt': write 'silent'/],
  [null, /needs an object of options, not null/]
] as const) {
  test(`ScriptedNetwork refuses the script ${JSON.stringify(script, (_, value) => Number.isNaN(value) ? 'NaN' : value)}`, t => {
    const clock = new VirtualClock()
    const expected = { name: 'InvalidPipelineError', message }

    t.throws(() => new ScriptedNetwork(clock, { [bare.toString()]: script as any }), expected)
    t.throws(() => { new ScriptedNetwork(clock).script(bare.toString(), script as any) }, expected)
  })
}

test('ScriptedNetwork refuses a value that is not a clock, and a script for an address that is not text', t => {
  t.throws(() => new ScriptedNetwork({} as any), { name: 'InvalidPipelineError', message: 'ScriptedNetwork() needs a clock, with now() and setTimeout(), not an object with no properties' })
  t.throws(() => new ScriptedNetwork(new VirtualClock(), [] as any), { name: 'InvalidPipelineError', message: 'ScriptedNetwork() needs an object with a script for each address, not an empty array' })
  t.throws(() => { new ScriptedNetwork(new VirtualClock()).script(bare as any, 'silent') }, { name: 'InvalidPipelineError', message: `script() needs the text of an address, not ${bare.toString()}: write String(address)` })
})
