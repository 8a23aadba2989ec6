import test from 'ava'
import { logNormal, seeded } from '../../src/testing/simulation/random.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { FakeNode, peer } from './fakes.ts'

test('100 peers with two connections each switch at most 100 times in ten minutes of noisy round trips, and each time that one is faster for a minute', async t => {
  const node = new FakeNode()
  const names = Array.from({ length: 100 }, (_, n) => `peer-${n}`)

  // streams keep the connections from being closed
  for (const remotePeer of names) {
    for (const to of ['/ip4/192.0.2.1/tcp/1', '/ip6/2001:db8::1/tcp/1']) {
      const connection = await node.open({ to, remotePeer, rtt: 50 })
      connection.open('/chat')
    }
  }

  const random = seeded(1)

  for (let second = 0; second < 600; second += 10) {
    node.connections.forEach(connection => { connection.rtt = logNormal(random, 50, 0.3) })
    await node.clock.advance(10_000)
  }

  const noise = node.changes.length
  t.true(noise <= 100, `${noise} switches in ten minutes`)

  // a change that lasts longer than 30 seconds counts
  for (let minute = 0; minute < 10; minute++) {
    node.connections.forEach((connection, n) => { connection.rtt = n % 2 === minute % 2 ? 20 : 80 })
    await node.clock.advance(60_000)
  }

  // the first minute may begin with the faster one preferred
  const lasting = node.changes.length - noise
  t.true(lasting >= 100 * 9 && lasting <= 100 * 10, `${lasting} switches in ten minutes in which the faster one changed every minute`)
  names.forEach(name => { t.not(node.convergence.preferred(peer(name)), undefined) })
  node.convergence.stop()
  await settled()
  t.is(node.clock.pending, 0)
})
