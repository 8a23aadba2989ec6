import test from 'ava'
import { dialable, fromCaller, pipeline, race, stage } from '../../src/stages/index.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'

/** Reads an option of its own */
const reader = (seen: unknown[]) => stage({
  name: 'reader',
  accepts: ['candidates'],
  yields: 'candidates',
  options: ['ofTheReader'],
  run: (lists, dial) => {
    seen.push((dial.options as any).ofTheReader)

    return lists
  }
})

test('what the caller passes reaches the transport, but not what is for the dialer', async t => {
  const seen: unknown[] = []
  const [node, first, second] = await Promise.all([dialling(t, pipeline(fromCaller(), reader(seen), dialable(), race())), listening(t), listening(t)])
  const passed = watch(node)
  const controller = new AbortController()
  const trace = {}

  await node.dial(addressesOf(first), { initiator: true, trace, ofTheReader: 1, unheardOf: 2, signal: controller.signal } as object)
  await node.dial(addressesOf(second), { pipeline: pipeline(fromCaller(), dialable(), race()) })

  t.deepEqual(seen, [1])
  t.is(passed.length, 2)
  t.like(passed[0], { initiator: true, unheardOf: 2, priority: 75 })
  t.is(passed[0]?.['trace'], trace)
  t.not(passed[0]?.['signal'], controller.signal)
  t.false(passed.some(options => 'ofTheReader' in options || 'pipeline' in options))
})

test('who is not to be the initiator is not', async t => {
  const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])
  const passed = watch(node, async () => { throw new Error('enough') })

  await t.throwsAsync(node.dial(addressesOf(remote), { initiator: false } as object), { message: 'enough' })

  t.deepEqual(passed.map(({ initiator }) => initiator), [false])
})

/** The options of each dial of the transports */
function watch (node: Libp2p, dial?: (...args: unknown[]) => Promise<unknown>): Array<Record<string, unknown>> {
  const { transportManager } = (node as any).components
  const next = dial ?? transportManager.dial.bind(transportManager)
  const passed: Array<Record<string, unknown>> = []

  transportManager.dial = async (multiaddr: unknown, options: Record<string, unknown>) => {
    passed.push({ ...options })

    return next(multiaddr, options)
  }

  return passed
}

test('an option that no stage reads is an error also where an open connection is the answer', async t => {
  const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])
  await node.dial(addressesOf(remote))

  await t.throwsAsync(node.dial(remote.peerId, { provenance: ['user'] }), { name: 'UnsupportedDialOptionError' })
})
