import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { queueOf } from './dialling-queue.ts'
import { dialling, listening, mute } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

interface Running {
  node: Libp2p
  accepted: () => number
  /** Dials the same peer once more */
  again: () => Promise<any>
  leaving: AbortController
  state: { isPending: boolean }
  onProgress: () => void
  dial: Promise<any>
  // `any`: the members that the test reads are not in the public type
  queue: any
}

/** A node with a dial that gets no answer */
async function running (t: ExecutionContext, isStock: boolean): Promise<Running> {
  const [node, hole, peer] = await Promise.all([isStock ? listening(t, { listen: [] }) : dialling(t, staggered()), mute(t), newPeer()])
  const leaving = new AbortController()
  const state = { isPending: true }
  const onProgress = (): void => {}
  const address = hole.multiaddr.encapsulate(`/p2p/${peer}`)
  const dial = node.dial(address, { signal: leaving.signal, onProgress }).catch(err => err).finally(() => { state.isPending = false })
  await until(() => hole.accepted, accepted => accepted === 1)

  return { node, accepted: () => hole.accepted, again: async () => node.dial(address), leaving, state, onProgress, dial, queue: queueOf(node) }
}

// libp2p's own queue is the control
for (const [queues, isStock] of [['libp2p\'s queue', true], ['the stand-in queue', false]] as const) {
  test(`clear() of ${queues} removes a running job from the list, and its caller waits on`, async t => {
    const { node, queue, leaving, state, dial } = await running(t, isStock)
    queue.clear()

    t.is(queue.size, 0)
    t.is(queue.running, 1)
    t.deepEqual(queue.queue, [])
    t.deepEqual(node.getDialQueue(), [])
    await queue.onSizeLessThan(1)
    t.true(state.isPending)

    const idle = queue.onIdle()
    queue.abort()
    t.true(state.isPending)
    leaving.abort()
    t.is((await dial).name, 'AbortError')
    await idle
    t.like(queue, { size: 0, running: 0, queued: 0 })
  })

  test(`a dial of the same peer after clear() of ${queues} is in the list, and can be aborted there`, async t => {
    const { node, queue, again, leaving, dial } = await running(t, isStock)
    queue.clear()
    const outcome = again().catch(err => err)
    await until(() => queue.size, size => size === 1)

    t.is(queue.queue.length, 1)
    t.is(node.getDialQueue().length, 1)
    queue.queue[0].abort(new Error('enough'))
    t.is((await outcome).message, 'enough')
    leaving.abort()
    await dial
    t.like(queue, { size: 0, running: 0 })
  })

  test(`a job of ${queues} shows its recipients and its timeline`, async t => {
    const { queue, leaving, dial } = await running(t, isStock)
    const [job] = queue.queue

    t.is(job.recipients.length, 1)
    t.is(job.recipients[0].signal, leaving.signal)
    t.true(job.timeline.created <= job.timeline.started)
    t.is(job.timeline.finished, undefined)

    leaving.abort()
    await dial
    await until(() => job.timeline.finished, finished => finished >= job.timeline.started)
  })

  test(`join() of a job of ${queues} adds a recipient that waits for the same dial`, async t => {
    const { queue, accepted, leaving, dial } = await running(t, isStock)
    const [job] = queue.queue
    const own = new AbortController()
    const joined = job.join({ signal: own.signal })

    t.is(job.recipients.length, 2)
    t.is(queue.size, 1)
    own.abort(new Error('not for me'))
    await t.throwsAsync(joined, { message: 'not for me' })

    const rest = job.join()
    leaving.abort()
    await dial
    t.is(queue.size, 1)
    job.abort(new Error('enough'))
    await t.throwsAsync(rest, { message: 'enough' })
    t.is(accepted(), 1)
  })
}

test('a recipient of a job has its onProgress, and is removed when it leaves, as in libp2p 3.3', async t => {
  const { queue, leaving, onProgress, dial } = await running(t, false)
  const [job] = queue.queue
  t.is(job.recipients[0].onProgress, onProgress)
  leaving.abort()
  await dial
  t.deepEqual(job.recipients, [])
})
