import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'

/** Starts a Redis server without persistence that ends with the test. Returns the path of its socket */
export async function startRedis (t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'))
  const socket = join(folder, 'redis.sock')
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] })

  t.teardown(async () => {
    if (server.kill()) {
      await once(server, 'exit')
    }

    await rm(folder, { recursive: true, force: true })
  })

  await new Promise<void>((resolve, reject) => {
    let log = ''
    server.once('error', reject)
    server.once('exit', () => { reject(new Error(`redis-server has ended: ${log}`)) })
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text

      if (log.includes('ready to accept connections')) {
        resolve()
      }
    })
  })

  return socket
}
