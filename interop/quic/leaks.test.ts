import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { stagger } from '../../src/stages/index.ts'
import { abortListeners, leftOpenAfterWait, openHandles } from '../../test/helpers/open-handles.ts'
import { until } from '../../test/helpers/until.ts'
import { attempted } from '../../test/libp2p/kit.ts'
import { over, QUIC, quicDialling, quicListening } from './kit.ts'
import type { Dialer, DialTrace } from '../../src/index.ts'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const COUNT = 200

test.serial(`${COUNT} lost races`, async t => {
  // delays each connection: on the loopback the first would win before the second attempt starts
  const { node, remote, nothingLeft } = await scene(t, { denyOutboundConnection: async () => sleep(Math.random() * 20, false) })
  const { signal } = new AbortController()
  let lost = 0

  for (let tries = 0; lost < COUNT; tries++) {
    t.true(tries < COUNT * 10)
    const connection = await node.dial(over(remote, 'quic-v1'), { signal })
    const [trace] = node.services.dialer.traces(remote.peerId).slice(-1) as [DialTrace]
    lost += attempted(trace).length > 1 ? 1 : 0

    t.is(connection.status, 'open')
    await connection.close()
  }

  t.is(abortListeners(signal), 0)
  await nothingLeft()
})

test.serial(`${COUNT} dials aborted at random moments`, async t => {
  const { node, remote, nothingLeft } = await scene(t)
  const begun = performance.now()
  await (await node.dial(over(remote, 'quic-v1'))).close()
  const length = performance.now() - begun

  for (let aborted = 0, tries = 0; aborted < COUNT; tries++) {
    t.true(tries < COUNT * 10)
    const controller = new AbortController()
    const dial = node.dial(over(remote, 'quic-v1'), { signal: controller.signal })
    const abort = sleep(Math.random() * length).then(() => { controller.abort() })

    try {
      const connection = await dial
      await abort
      t.is(connection.status, 'open')
      await connection.close()
    } catch (err) {
      t.is(err, controller.signal.reason)
      aborted++
    }

    t.is(abortListeners(controller.signal), 0)
  }

  await nothingLeft()
})

async function scene (t: ExecutionContext, connectionGater: ConnectionGater = {}): Promise<{ node: Libp2p<{ dialer: Dialer }>, remote: Libp2p, nothingLeft: () => Promise<void> }> {
  const [node, remote] = await Promise.all([quicDialling(t, staggered().replace('stagger', stagger(10)), { connectionGater }), quicListening(t, [QUIC, QUIC, QUIC])])

  await (await node.dial(over(remote, 'quic-v1'))).close()
  await until(() => remote.getConnections().length, count => count === 0)
  const before = { handles: openHandles(), descriptors: descriptors() }

  return {
    node,
    remote,
    nothingLeft: async () => {
      t.deepEqual(node.getDialQueue(), [])
      t.deepEqual(await until(() => [node, remote].map(one => one.getConnections().length), counts => counts.every(count => count === 0), 5_000), [0, 0])
      t.deepEqual(await leftOpenAfterWait(before.handles), {})
      t.true(await until(descriptors, count => count <= before.descriptors) <= before.descriptors)
    }
  }
}

/** Returns the number of open descriptors, including those of native code */
function descriptors (): number {
  return readdirSync('/proc/self/fd').length
}
