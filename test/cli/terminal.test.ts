// the command as a separate process, in a terminal of 80 columns and without a terminal
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { createNode } from '../helpers/node.ts'
import { silent } from '../helpers/silent.ts'
import { until } from '../helpers/until.ts'
import { root } from '../support/root.ts'
import { screenAfter } from './screen.ts'
import type { ChildProcess } from 'node:child_process'

const main = join(root, 'src/cli/main.ts')

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null, stdout: string, stderr: string }>
}

/** Starts a process and collects its output. The process inherits no colour settings */
function start (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const { NO_COLOR, FORCE_COLOR, COLUMNS, ...rest } = process.env
  const child = spawn(command, args, { env: { ...rest, TERM: 'xterm-256color', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const out = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { out.stderr += text })

  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...out })) }
}

/** Starts the command in a pseudo-terminal of 80 columns and 24 lines, from util-linux's script. Its one stream includes errors */
function startInTerminal (args: readonly string[], env?: Readonly<Record<string, string>>): Running {
  const words = [process.execPath, main, ...args].map(word => `'${word}'`).join(' ')

  return start('script', ['--quiet', '--return', '--command', `stty columns 80 rows 24; exec ${words}`, '/dev/null'], env)
}

const plain = (text: string): string => stripVTControlCharacters(text).replaceAll('\r', '')
const longest = (text: string): number => Math.max(...plain(text).split('\n').map(line => line.length))

test.serial('dial redraws a running dial in 80 columns, and replaces it with the result', async t => {
  const server = await silent()
  const address = `${server.multiaddr.toString()}/p2p/12D3KooWSHj3RRbBjD15g6wekV8y3mm57Pobmps2g2WJm6F67Lay`
  const { code, stdout } = await startInTerminal(['dial', address, `/dns4/${'long-name.'.repeat(12)}example/udp/1/quic-v1`, '--timeout', '1000']).ended
  await server.close()
  const shown = plain(stdout)

  t.is(code, 1)
  t.true(longest(stdout) <= 80, shown)
  const [shortest = 0, ...longer] = [...shown.matchAll(/^running for (\d+) ms/gm)].map(([, ms]) => Number(ms))
  t.true(longer.some(ms => ms > shortest + 200), 'the time goes on while nothing happens')
  t.regex(shown, new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/${server.port} .*› ?│ in flight$`, 'm'))
  t.regex(screenAfter(stdout), new RegExp([
    '^dial 12D3KooWSHj3RRbBjD15g6wekV8y3mm57Pobmps2g2WJm6F67Lay',
    'aborted after \\d+ ms: Not connected within 1000 ms',
    `/ip4/127\\.0\\.0\\.1/tcp/${server.port} .*○.*│ cancelled`,
    '/dns4/long-name.*….*/quic-v1 +dropped by dialable.*',
    'error: Not connected within 1000 ms$'
  ].join('\n')))
  t.true(stdout.includes('\u001B[31m'), 'has colours')
  t.deepEqual([stdout.lastIndexOf('\u001B[?25h') > stdout.lastIndexOf('\u001B[?25l')], [true], 'the cursor is back')
})

test.serial('a terminal gets no colours with NO_COLOR or TERM=dumb', async t => {
  const { code, stdout } = await startInTerminal(['presets'], { NO_COLOR: '1' }).ended

  t.is(code, 0)
  t.false(stdout.includes('\u001B'))
  t.true((await startInTerminal(['presets']).ended).stdout.includes('\u001B'))
  t.false((await startInTerminal(['presets'], { TERM: 'dumb' }).ended).stdout.includes('\u001B'))
})

test.serial('Ctrl-C in a terminal exits with 130 and restores the cursor', async t => {
  const server = await silent()
  t.teardown(server.close)
  const { child, ended } = startInTerminal(['dial', server.multiaddr.toString()])
  await until(() => server.accepted, accepted => accepted > 0)
  // signals the command itself, because script passes no signals on
  const pid = Number(/\d+/.exec(await childrenOf(child.pid ?? 0))?.[0])
  process.kill(pid, 'SIGINT')
  const { code, stdout } = await ended

  t.is(code, 130)
  t.regex(plain(stdout), /error: interrupted\n$/)
  t.true(stdout.lastIndexOf('\u001B[?25h') > stdout.lastIndexOf('\u001B[?25l'))
  t.is(await until(() => server.open, open => open === 0), 0)
})

test.serial('without a terminal, dial prints plain lines to stdout and errors to stderr', async t => {
  const node = await createNode()
  const [address = ''] = node.getMultiaddrs().map(String)
  const { code, stdout, stderr } = await start(process.execPath, [main, 'dial', address]).ended
  const failed = await start(process.execPath, [main, 'dial', 'nowhere']).ended
  await node.stop()

  t.is(code, 0)
  t.is(stderr, '')
  t.false(stdout.includes('\u001B'))
  t.regex(stdout, /^dial .*\nconnected in \d+ ms over \/ip4\/127\.0\.0\.1\/tcp\/\d+\n.*● *│ connected in \d+ ms\n$/)
  t.deepEqual([failed.code, failed.stdout], [2, ''])
  t.regex(failed.stderr, /^error: 'nowhere' is neither/)
})

test.serial('piping presets into head prints no error', async t => {
  const { code, stdout, stderr } = await start('sh', ['-c', `'${process.execPath}' '${main}' presets | head -n 1`]).ended

  t.deepEqual([code, stdout, stderr], [0, 'adaptive\n', ''])
})

/** Returns the child processes of a process */
async function childrenOf (pid: number): Promise<string> {
  const { stdout } = await start('ps', ['-o', 'pid=', '--ppid', String(pid)]).ended

  return stdout
}
