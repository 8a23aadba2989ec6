// output of commands that do not dial
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import * as presets from '../../presets/index.ts'
import * as stages from '../../src/stages/index.ts'
import { root } from '../support/root.ts'
import { cli, folder, widest } from './kit.ts'

test('presets names every preset that the package exports, with its stages', async t => {
  const { code, stdout, stderr } = await cli(['presets'])

  t.is(code, 0)
  t.is(stderr, '')
  t.deepEqual(Object.keys(presets).filter(name => !stdout.includes(`${name}\n  from-`)), [])
  t.true(widest(stdout) <= 80)

  const listed = JSON.parse((await cli(['presets', '--json'])).stdout) as Array<{ name: string, stages: string[] }>
  t.deepEqual(listed.map(({ name }) => name), Object.keys(presets))
  t.deepEqual(listed.find(({ name }) => name === 'stock')?.stages, presets.stock().stages.map(({ name }) => name))
})

test('stages names each exported function once', async t => {
  const { code, stdout } = await cli(['stages'])

  t.is(code, 0)
  t.deepEqual(Object.keys(stages).filter(name => stdout.split(` ${name}() `).length !== 2 && stdout.split(` ${name}()\n`).length !== 2), [])
  t.regex(stdout, /^filters\n(?: .*\n)* {2}gater\(\) +gater$/m)
  t.regex(stdout, /^ {2}gather\(\) +needs a number of milliseconds, 0 or more, or Infinity$/m)
  t.regex(stdout, /^ {2}provenance\(\) .*reads the dial option provenance$/m)
  t.true(widest(stdout) <= 80)
  t.is((JSON.parse((await cli(['stages', '--json'])).stdout) as unknown[]).length, Object.keys(stages).length)
})

test('simulate prints the same for the same seed, and something else for another', async t => {
  const args = ['simulate', '--presets', 'stock,staggered', '--peers', '20', '--address', 'tcp,good=0.5,count=3']
  const { code, stdout } = await cli(args)

  t.is(code, 0)
  t.regex(stdout, /^ +connected +median +95 % +attempts\nstock +[\d.]+ % +\d+ ms +\d+ ms +[\d.]+\nstaggered /)
  t.is((await cli(args)).stdout, stdout)
  t.not((await cli([...args, '--seed', '2'])).stdout, stdout)

  const results = JSON.parse((await cli([...args, '--json'])).stdout) as Array<{ name: string, connected: number }>
  t.deepEqual(results.map(({ name }) => name), ['stock', 'staggered'])
  t.deepEqual(results.filter(({ connected }) => !(connected > 0 && connected <= 1)), [])
})

test('simulate --pipeline compares a pipeline of your own with the presets', async t => {
  await using files = await folder()
  const file = await files.file('pipeline.mjs', `
    import { goLike } from ${JSON.stringify(join(root, 'presets/index.ts'))}
    export default goLike()
  `)
  const { code, stdout } = await cli(['simulate', '--presets', 'stock', '--pipeline', file, '--peers', '5', '--json'])

  t.is(code, 0)
  t.deepEqual((JSON.parse(stdout) as Array<{ name: string }>).map(({ name }) => name), ['stock', file])
})

test('a wrong argument exits with 2 and says on stderr what is wrong', async t => {
  await using files = await folder()
  const wrong: Array<[string[], RegExp]> = [
    [['dial'], /missing required argument 'target'/],
    [['dial', 'x'], /'x' is neither a multiaddr nor a peer id/],
    [['dial', '127.0.0.1:4001'], /'127\.0\.0\.1:4001' is neither a multiaddr nor a peer id: write \/ip4\/127\.0\.0\.1\/tcp\/4001$/m],
    [['dial', 'localhost:4001'], /: write \/dns4\/localhost\/tcp\/4001$/m],
    [['dial', '/ip4/1'], /'\/ip4\/1' is not a multiaddr/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--preset', 'adaptiv'], /no preset "adaptiv": did you mean adaptive\?/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--preset', 'toString'], /no preset "toString"\. The presets are/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--timeout', '0'], /Expected a whole number from 1/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--timeout', '1e3'], /Expected a whole number from 1/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--preset', 'stock', '--pipeline', 'x.js'], /exclude each other/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--pipeline', files.path('none.js')], /cannot use .*none\.js as a pipeline: Cannot find module/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--pipeline', await files.file('empty.mjs', '')], /cannot use .*empty\.mjs as a pipeline: it has no default export/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--pipeline', await files.file('seven.mjs', 'export default 7')], /the default export needs a pipeline, not 7/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--provenance', 'certified,'], /Expected names with commas/],
    [['dial', '/ip4/127.0.0.1/tcp/1', '--provenance', 'dht,!'], /Expected names with commas/],
    [['dial', '12D3KooWSHj3RRbBjD15g6wekV8y3mm57Pobmps2g2WJm6F67Lay', '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'], /one dial is of one peer/],
    [['dial', '--no-such-option', '/ip4/127.0.0.1/tcp/1'], /unknown option/],
    [['compare', '/ip4/127.0.0.1/tcp/1', '--presets', 'stock,nothing'], /no preset "nothing"/],
    [['simulate', '--address', 'carrier-pigeon'], /needs 'tcp' or .* as transport, not 'carrier-pigeon'/],
    [['simulate', '--address', 'tcp,count=1e9'], /needs a whole number from 0 to 1024 as count, not 1000000000/],
    [['simulate', '--online', '2'], /Expected a number from 0 to 1/],
    [['nonsense'], /unknown command 'nonsense'/],
    [[], /Usage: libp2p-dial-pipeline/]
  ]

  for (const [args, words] of wrong) {
    const { code, stdout, stderr } = await cli(args)

    t.is(code, 2, args.join(' '))
    t.is(stdout, '', args.join(' '))
    t.regex(stderr, words, args.join(' '))
  }
})

test('errors are red if stderr is a terminal, whatever stdout is', async t => {
  for (const isTTY of [true, false]) {
    let stderr = ''
    await cli(['dial', 'x'], { stdout: { isTTY: !isTTY, write: () => {} }, stderr: { isTTY, write: text => { stderr += text } } })
    t.is(stderr.startsWith('\u001B[31merror:'), isTTY, stderr)
  }
})

test('--version prints the version of the package', async t => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }

  t.deepEqual(await cli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

test('--help of each command shows its options and an example, within 80 columns', async t => {
  const { stdout } = await cli(['--help'])
  const commands = Array.from(stdout.matchAll(/^ {2}(\w+) \[options\]/gm), ([, name = '']) => name)
  t.deepEqual(commands, ['dial', 'compare', 'replay', 'presets', 'stages', 'simulate'])

  for (const args of [['--help'], ...commands.map(name => [name, '--help'])]) {
    const { code, stdout, stderr } = await cli(args)

    t.is(code, 0)
    t.is(stderr, '')
    t.true(widest(stdout) <= 80, stdout)
    t.regex(stdout, /^Usage: [^\n]+\n\n[A-Za-z]+ /)
    t.regex(stdout, args.length === 1 || !['presets', 'stages'].includes(args[0] ?? '') ? /\nExamples:\n {2}\$ libp2p-dial-pipeline / : /--json/)
  }
})

test('docs/reference/command-line.md names each command, option and exit code', async t => {
  const page = await readFile(join(root, 'docs/reference/command-line.md'), 'utf8')

  for (const name of ['dial', 'compare', 'replay', 'presets', 'stages', 'simulate']) {
    const { stdout } = await cli([name, '--help'])
    const options = Array.from(stdout.matchAll(/^ {2}(--[\w-]+)/gm), ([, option = '']) => option)

    t.regex(page, new RegExp(`^## .*\`${name}\``, 'm'))
    t.deepEqual(options.filter(option => !page.includes(`\`${option}`)), [], name)
  }

  t.deepEqual(['0', '1', '2', '130'].filter(code => !page.includes(`| ${code} |`)), [])
})
