// commands that dial nodes on the loopback, run in this process
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { createNode } from '../helpers/node.ts'
import { leftOpenAfterWait, openHandles } from '../helpers/open-handles.ts'
import { refused } from '../helpers/refused.ts'
import { silent } from '../helpers/silent.ts'
import { until } from '../helpers/until.ts'
import { root } from '../support/root.ts'
import { faultsOf } from '../trace/schema.ts'
import { cli, folder, widest } from './kit.ts'
import type { DialTrace } from '../../src/trace/types.ts'

const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] })
const peer = node.peerId.toString()
const addresses = node.getMultiaddrs().map(address => address.toString())
const [address = ''] = addresses

test.after.always(async () => { await node.stop() })

test.serial('dial exits with 0 when connected, and prints when each address was tried', async t => {
  const before = openHandles()
  const { code, stdout, stderr } = await cli(['dial', address])

  t.is(code, 0)
  t.is(stderr, '')
  t.regex(stdout, new RegExp(`^dial ${peer}`))
  t.regex(stdout, /\/ip4\/127\.0\.0\.1\/tcp\/\d+ .*[░▒▓█]*●.*connected/)
  t.false(stdout.includes('\u001B'))
  t.true(widest(stdout) <= 80, stdout)
  t.deepEqual(await leftOpenAfterWait(before), {})
})

test.serial('dial prints no line wider than the terminal', async t => {
  const { multiaddr } = await refused()

  for (const columns of [20, 40, 79, 200]) {
    const { stdout } = await cli(['dial', `${multiaddr.toString()}/p2p/${peer}`, address, `/ip4/127.0.0.1/udp/1/quic-v1/p2p/${peer}`], { columns })

    t.true(widest(stdout) <= columns, stdout)
    t.regex(stdout, /●/)
  }
})

test.serial('dial accepts a peer id with addresses that lack one', async t => {
  const { code, stdout } = await cli(['dial', peer, address.replace(/\/p2p\/.*/, '')])

  t.is(code, 0)
  t.regex(stdout, new RegExp(`^dial ${peer}`))
})

test.serial('dial accepts a peer id beside addresses that name it in the form of a CID', async t => {
  const inCid = address.replace(/\/p2p\/.*/, `/p2p/${node.peerId.toCID().toString()}`)

  for (const words of [[peer, inCid], [address, inCid], [inCid]]) {
    const { code, stdout, stderr } = await cli(['dial', ...words])

    t.is(code, 0, stderr)
    t.regex(stdout, new RegExp(`^dial ${peer}`))
  }
})

test.serial('dial --json prints only the trace, also when the dial fails', async t => {
  const { multiaddr } = await refused()
  const ok = await cli(['dial', ...addresses, '--json', '--preset', 'staggered'])
  const failed = await cli(['dial', multiaddr.toString(), '--json'])
  const [trace, other] = [ok, failed].map(({ stdout }) => JSON.parse(stdout) as DialTrace)

  t.deepEqual([trace, other].map(faultsOf), [[], []])
  t.is(ok.code, 0)
  t.is(trace?.outcome, 'connected')
  t.deepEqual(trace?.target, { peer, addresses })
  t.is(trace?.candidates.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'connected').length, 1)
  t.is(failed.code, 1)
  t.is(other?.outcome, 'failed')
  t.regex(failed.stderr, /^error: .*ECONNREFUSED/)
})

test.serial('dial exits with 1 when the dial fails, with a reason for each address and an error on stderr', async t => {
  const before = openHandles()
  const [first, second] = [await refused(), await refused()]
  const quic = `/ip4/127.0.0.1/udp/1/quic-v1/p2p/${peer}`
  const { code, stdout, stderr } = await cli(['dial', first.multiaddr.toString(), second.multiaddr.toString(), quic, '--explain'])

  t.is(code, 1)
  t.regex(stdout, new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/${first.port} .*×.* refused$`, 'm'))
  t.regex(stdout, new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/${second.port} .*×.* refused$`, 'm'))
  t.regex(stdout, /^\/ip4\/127\.0\.0\.1\/udp\/1\/quic-v1 .*dropped by dialable: /m)
  // each address has a paragraph
  t.deepEqual([first, second].filter(({ port }) => !stdout.includes(`\n/ip4/127.0.0.1/tcp/${port}\n  `)), [])
  t.regex(stderr, /^error: All multiaddr dials failed/)
  t.true(widest(stdout) <= 80, stdout)
  t.deepEqual(await leftOpenAfterWait(before), {})
})

test.serial('dial of a peer id alone asks for an address', async t => {
  const { code, stderr } = await cli(['dial', peer])

  t.is(code, 1)
  t.regex(stderr, /no .*address/i)
  t.regex(stderr, /^Name an address of the peer beside its id/m)
})

test.serial('dial --provenance drops addresses of other sources', async t => {
  const { code, stdout } = await cli(['dial', address, '--provenance', 'certified'])

  t.is(code, 1)
  t.regex(stdout, /dropped by provenance/)
  t.is((await cli(['dial', address, '--provenance', '!certified'])).code, 0)
})

test.serial('dial --svg writes the waterfall, and exits with 2 when it cannot', async t => {
  await using files = await folder()
  const { code } = await cli(['dial', address, '--svg', files.path('dial.svg')])

  t.is(code, 0)
  t.regex(await readFile(files.path('dial.svg'), 'utf8'), new RegExp(`^<svg .*dial ${peer}: connected`))

  const { code: wrong, stderr } = await cli(['dial', address, '--svg', files.path('none/dial.svg')])
  t.is(wrong, 2)
  t.regex(stderr, /cannot write .*dial\.svg: ENOENT/)
})

test.serial('dial --pipeline uses the default export of a module', async t => {
  await using files = await folder()
  const file = await files.file('pipeline.mjs', `
    import { stock } from ${JSON.stringify(join(root, 'presets/index.ts'))}
    import { filter } from ${JSON.stringify(join(root, 'src/stages/index.ts'))}
    export default stock().before('take', filter('nobody', () => 'on principle'))
  `)
  const { code, stdout } = await cli(['dial', address, '--pipeline', file])

  t.is(code, 1)
  t.regex(stdout, /dropped by nobody: on principle/)
})

test.serial('dial --timeout fails after the given time, and says so', async t => {
  const before = openHandles()
  const server = await silent()
  const { code, stdout, stderr } = await cli(['dial', server.multiaddr.toString(), '--timeout', '200'])
  await server.close()

  t.is(code, 1)
  t.regex(stdout, new RegExp(`/tcp/${server.port} .*[░▒]○`))
  t.is(stderr, 'error: Not connected within 200 ms\n')
  t.deepEqual(await leftOpenAfterWait(before), {})
})

test.serial('an interrupted dial exits with 130, prints its progress and leaves nothing open', async t => {
  const before = openHandles()
  const server = await silent()
  const controller = new AbortController()
  const ran = cli(['dial', server.multiaddr.toString()], { signal: controller.signal })
  await until(() => server.accepted, accepted => accepted > 0)
  controller.abort(new Error('interrupted'))
  const { code, stdout, stderr } = await ran

  t.is(code, 130)
  t.regex(stdout, new RegExp(`/tcp/${server.port} `))
  t.is(stderr, 'error: interrupted\n')
  t.is(await until(() => server.open, open => open === 0), 0)
  await server.close()
  t.deepEqual(await leftOpenAfterWait(before), {})
})

test.serial('an interrupted compare exits with 130 and dials with no other preset', async t => {
  const server = await silent()
  const controller = new AbortController()
  const ran = cli(['compare', server.multiaddr.toString(), '--presets', 'stock,staggered'], { signal: controller.signal })
  await until(() => server.accepted, accepted => accepted > 0)
  controller.abort(new Error('interrupted'))
  const { code, stdout, stderr } = await ran

  t.is(code, 130)
  t.is(stderr, 'error: interrupted\n')
  t.regex(stdout, /^stock\n/)
  t.notRegex(stdout, /staggered/)
  await server.close()
})

test.serial('compare dials with each preset and prints a line for each', async t => {
  const { multiaddr } = await refused()
  const args = ['compare', `${multiaddr.toString()}/p2p/${peer}`, ...addresses, '--presets', 'stock,staggered,adaptive']
  const { code, stdout, stderr } = await cli(args)

  t.is(code, 0)
  t.is(stderr, '')
  t.regex(stdout, /\npreset +result +time +attempts\nstock +connected +\d+ ms +\d\nstaggered +connected +\d+ ms +\d\nadaptive +connected +\d+ ms +\d\nThe first dial of a process is slower/)
  t.true(widest(stdout) <= 80, stdout)

  const results = JSON.parse((await cli([...args, '--json'])).stdout) as Array<{ preset: string, trace: DialTrace }>
  t.deepEqual(results.flatMap(({ trace }) => faultsOf(trace)), [])
  t.deepEqual(results.map(({ preset, trace }) => [preset, trace.outcome]), [['stock', 'connected'], ['staggered', 'connected'], ['adaptive', 'connected']])
})

test.serial('compare exits with 1 when a preset did not connect', async t => {
  const { code, stdout, stderr } = await cli(['compare', address, '--presets', 'stock,certifiedOnly,publicOnly'])

  t.is(code, 1)
  t.regex(stdout, /\nstock +connected /)
  t.regex(stdout, /\ncertifiedOnly +failed /)
  t.regex(stderr, /^error: certifiedOnly: /m)
})

test.serial('replay reproduces a trace recorded by dial --json', async t => {
  await using files = await folder()
  const { multiaddr } = await refused()
  const { stdout } = await cli(['dial', `${multiaddr.toString()}/p2p/${peer}`, ...addresses.slice(0, 1), '--json', '--preset', 'stock'])
  const replayed = await cli(['replay', await files.file('trace.json', stdout), '--preset', 'stock,staggered'])

  t.is(replayed.code, 0, replayed.stderr)
  t.regex(replayed.stdout, /\nrecorded +connected +(\d+ ms) +2\nstock +connected +(\d+) ms +2\nstaggered +connected +\d+ ms +2\n$/)
})
