import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { address, newPeer, world } from '../helpers/scripted.ts'
import type { List } from '../../src/pipeline/types.ts'

test('runs a pipeline for a target on a scripted network', async t => {
  const peerId = await newPeer()
  const { clock, network, components } = world({ 1: 'silent', 2: { connects: 40 } })
  const { run, story, target, end } = testDial({ components, peerId, multiaddrs: [address(1)] })
  const connections = run(pipeline(fromCaller(), stagger(250), race()))
  const first = connections.next()
  await clock.advance(100)
  target.add([address(2)])
  const { value } = await clock.until(first)

  t.is(clock.now(), 290)
  t.is(value.remoteAddr.toString(), address(2, peerId).toString())
  t.deepEqual([...story.addresses.keys()], [address(1, peerId), address(2, peerId)].map(String))
  end()
  await clock.advance(0)
  t.is(clock.pending, 0)
  t.deepEqual(network.open, [value])
})

test('runs one stage on lists of one\'s own', async t => {
  const { components } = world()
  const { run, dial, target, end } = testDial({ components, multiaddrs: [address(1)] })
  const seen: List[] = []

  async function * lists (): AsyncGenerator<List> {
    yield { kind: 'candidates', candidates: [], complete: false, revision: 0 }
    yield { kind: 'candidates', candidates: [], complete: true, revision: 0 }
  }

  for await (const list of run(fromCaller(), lists())) {
    seen.push(list)
  }

  t.deepEqual(seen.map(({ candidates, complete }) => [candidates.map(({ id }) => id), complete]), [[[address(1).toString()], false], [[address(1).toString()], true]])
  t.is(dial.target, target.current)
  end()
})

test('a connection that is given back is closed, and known', async t => {
  const { clock, components } = world({ 1: { connects: 0 } })
  const { dial, discarded, end } = testDial({ components })
  const connection = await clock.until(components.transportManager.dial(address(1), {}))
  dial.discard(connection)
  t.deepEqual(discarded, [connection])
  t.is(connection.status, 'closed')
  end()
})

test('ending it ends what waits', async t => {
  const { components } = world()
  const { run, end } = testDial({ components, multiaddrs: [address(1)] })
  const next = run(pipeline(fromCaller(), race())).next()
  end()
  await t.throwsAsync(next, { name: 'AbortError' })
})
