import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { blackhole, blackholes } from './blackhole.ts'
import { leftOpenAfterWait, openHandles } from './open-handles.ts'
import type { Socket } from 'node:net'

const SYN_SENT = '02'

test.serial('connects to a blackhole stay pending without an event', async t => {
  const { holes, close } = await blackholes(3)
  t.teardown(close)

  const heard: string[] = []
  const sockets: Socket[] = []

  for (const round of [1, 2, 3]) {
    for (const { port } of holes) {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)

      for (const event of ['connect', 'data', 'error', 'close']) {
        socket.once(event, () => { heard.push(`${event} on connect ${round} to ${port}`) })
      }
    }

    await sleep(200)
  }

  await sleep(2_100)

  t.deepEqual(heard, [])
  t.true(sockets.every(socket => socket.connecting))

  if (process.platform === 'linux') {
    t.deepEqual(sockets.map((socket, i) => stateOf(socket, holes[i % holes.length]?.port)), sockets.map(() => SYN_SENT))
  }

  sockets.forEach(socket => { socket.removeAllListeners().destroy() })
})

test.serial('close() of a blackhole leaves no child and no handle, and may be called twice', async t => {
  const before = openHandles()
  const hole = await blackhole()

  t.deepEqual(await leftOpenAfterWait(before), {}, 'an open hole keeps no program from ending')

  await Promise.all([hole.close(), hole.close()])

  t.throws(() => process.kill(hole.pid, 0), { code: 'ESRCH' })
  t.is(await errorOf(hole.port), 'ECONNREFUSED')
  t.deepEqual(await leftOpenAfterWait(before), {})
})

test.serial('a blackhole ends when its parent exits', async t => {
  const { port, exit } = await parent('')

  t.deepEqual(await exit, [0, null])
  t.is(await errorOf(port), 'ECONNREFUSED')
})

test.serial('a blackhole ends when its parent is killed', async t => {
  const { port, exit } = await parent('process.kill(process.pid, "SIGKILL")')

  t.deepEqual(await exit, [null, 'SIGKILL'])
  t.is(await errorOf(port), 'ECONNREFUSED')
})

async function parent (ending: string): Promise<{ port: number, exit: Promise<unknown[]> }> {
  const script = `
    import { writeSync } from 'node:fs'
    import { blackhole } from '${new URL('./blackhole.ts', import.meta.url).href}'
    writeSync(1, String((await blackhole()).port))
    ${ending}
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const [port] = await once(child.stdout, 'data')

  return { port: Number(port), exit }
}

async function errorOf (port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', (error: NodeJS.ErrnoException) => { resolve(error.code) })
    socket.once('connect', () => { socket.destroy(); resolve(undefined) })
  })
}

function stateOf (socket: Socket, remotePort: number | undefined): string | undefined {
  const hex = (port: number | undefined): string => (port ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const line = readFileSync('/proc/net/tcp', 'utf8').split('\n').find(line => line.includes(`0100007F:${hex(socket.localPort)} 0100007F:${hex(remotePort)} `))

  return line?.trim().split(/\s+/)[3]
}
