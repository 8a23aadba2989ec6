import test from 'ava'
import { startNode } from '../../examples/replace-dialer.ts'

test('a node of the example connects to another one, and explains the dial', async t => {
  const [node, remote] = await Promise.all([startNode(), startNode(['/ip4/127.0.0.1/tcp/0'])])
  t.teardown(async () => Promise.all([node.stop(), remote.stop()]))
  const connection = await node.dial(remote.getMultiaddrs())

  t.is(connection.status, 'open')
  t.regex(node.services.dialer.explain(remote.peerId), /CONNECTED/)
})
