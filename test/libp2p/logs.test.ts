import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { filter } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { addressesOf, dialling, listening, randomPeer } from './kit.ts'
import { recordLogs } from './record-logs.ts'

const QUEUE = 'libp2p:connection-manager:dial-queue'

test('a dial is logged under the name of libp2p\'s own dialer: its addresses, how each ended, and who joins', async t => {
  const { logger, lines } = recordLogs(QUEUE)
  const [node, remote, bad] = await Promise.all([dialling(t, staggered(), { logger }), listening(t), refused()])
  const target = [bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...addressesOf(remote)]

  await Promise.all([node.dial(target), node.dial(target)])
  await node.dial(remote.peerId)

  t.deepEqual(lines.map(line => line.replaceAll(String(remote.peerId), 'remote').replace(/connect ECONN.*/, 'ECONNREFUSED').replace(/ with .*/, ' with …').replace(/\/ip4\S+/, '…').replace(/ - .*/, ' - …')), [
    'creating dial target for remote',
    'joining existing dial target for remote',
    'starting dial to remote with …',
    'dial failed to … - …',
    'dial to … succeeded'
  ])
  t.true(lines.some(line => line.includes('ECONNREFUSED')))
})

test('a dial that fails is logged with its error, and what a stage drops with the reason', async t => {
  const { logger, lines } = recordLogs(QUEUE, 'libp2p:dial-pipeline')
  const node = await dialling(t, staggered().after('resolve', filter('no-nine', () => 'port nine')), { logger })
  const peer = await randomPeer()
  const bad = await refused()

  await t.throwsAsync(node.dial(bad.multiaddr.encapsulate(`/p2p/${peer}`)))
  t.true(lines.some(line => line === `dropped ${bad.multiaddr}/p2p/${peer}: port nine`), lines.join('\n'))
  t.true(lines.some(line => line.startsWith(`dial to ${peer} failed - NoValidAddressesError`)), lines.join('\n'))
})
