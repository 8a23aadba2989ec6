import { setImmediate as nextTurn } from 'node:timers/promises'
import { defaultLogger, disable, enable } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { filter, source } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, listening, mute } from './kit.ts'
import { recordLogs } from './record-logs.ts'

const QUEUE = 'libp2p:connection-manager:dial-queue'

test('a dial is logged under libp2p\'s namespace: addresses, outcomes and joins', async t => {
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

test('a failed dial is logged with its error, and drops with their reason', async t => {
  const { logger, lines } = recordLogs(QUEUE, 'libp2p:dial-pipeline')
  const node = await dialling(t, staggered().after('resolve', filter('no-nine', () => 'port nine')), { logger })
  const peer = await newPeer()
  const bad = await refused()

  await t.throwsAsync(node.dial(bad.multiaddr.encapsulate(`/p2p/${peer}`)), { name: 'NoValidAddressesError' })
  t.true(lines.some(line => line === `dropped ${bad.multiaddr}/p2p/${peer}: port nine`), lines.join('\n'))
  t.true(lines.some(line => line.startsWith(`dial to ${peer} failed - NoValidAddressesError`)), lines.join('\n'))
  t.true(lines.includes('was not asked: the caller passed addresses'), lines.join('\n'))
  t.false(lines.includes('is awaited'))
})

test('the log shows the drops of each stage, the order of attempts and their outcomes', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline')
  const [node, remote, bad] = await Promise.all([dialling(t, staggered().after('resolve', filter('tcp-only', ({ facts }) => facts.transport === 'tcp' || 'not over TCP')), { logger }), listening(t), refused()])
  const { dialer } = node.services
  const peer = String(remote.peerId)
  const [good] = addressesOf(remote).map(String)
  const [webSocket] = addressesOf(remote, 'ws').map(String)
  const closed = `${bad.multiaddr}/p2p/${peer}`
  await node.dial([multiaddr(closed), ...remote.getMultiaddrs()])
  await nextTurn()
  const id = dialer.traces().at(-1)?.id ?? ''

  t.deepEqual(lines.map(line => line.replaceAll(/\d+ ms/g, 'n ms').replace(/Error: .*/, 'Error: refused')), [
    `dial ${id} begins: peer ${peer}, pipeline pipeline, 3 addresses: ${closed}, ${good}, ${webSocket}`,
    `found ${closed}`,
    `found ${good}`,
    `found ${webSocket}`,
    `dropped ${webSocket}: not over TCP`,
    `dials in this order, and no others: ${closed}, ${good}`,
    `dial ${id} tries ${closed}, n ms after it began`,
    `${closed} failed after n ms: the remote answered - Error: refused`,
    `dial ${id} tries ${good}, n ms after it began`,
    `${good} connected after n ms: first heard of after n ms`,
    `dial ${id} connected to ${peer} over ${good}, n ms after it began`,
    `dial ${id} ended after n ms, connected over ${good}`
  ])
})

test('an ended dial is logged with the reason', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline:dial')
  const [node, silent] = await Promise.all([dialling(t, staggered(), { logger }), mute(t)])
  await t.throwsAsync(node.dial(silent.multiaddr, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' })
  await nextTurn()

  t.regex(lines.at(-1) ?? '', /^dial \d+ was ended after \d+ ms - TimeoutError/)
})

test('an ended dial is logged with the sources it still awaited', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline')
  const node = await dialling(t, staggered().before('resolve', source('slow', async () => new Promise(() => {}))), { logger })
  await t.throwsAsync(node.dial(await newPeer(), { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' })
  await nextTurn()

  t.true(lines.includes('is awaited'))
  t.regex(lines.at(-1) ?? '', /^dial \d+ was ended after \d+ ms, still waiting for slow - TimeoutError/)
})

for (const names of ['libp2p:dial-pipeline:*', 'libp2p:dial-pipeline:tcp-only']) {
  test.serial(`DEBUG=${names} shows drops`, async t => {
    enable(names)
    t.teardown(() => { disable() })
    const { lines, restore } = readErrorStream()
    t.teardown(restore)
    const [node, remote] = await Promise.all([dialling(t, staggered().after('resolve', filter('tcp-only', ({ facts }) => facts.transport === 'tcp' || 'not over TCP')), { logger: defaultLogger() }), listening(t)])
    await node.dial(remote.getMultiaddrs())

    t.true(lines.some(line => line.includes('dropped') && line.includes(`${String(addressesOf(remote, 'ws')[0])}: not over TCP`)), lines.join('\n'))
  })
}

/** Records the writes to the error stream, which loggers use */
function readErrorStream (): { lines: string[], restore (): void } {
  const lines: string[] = []
  const { stderr } = process
  const { write } = stderr
  stderr.write = (text: unknown) => lines.push(String(text)) > 0

  return { lines, restore: () => { stderr.write = write } }
}
