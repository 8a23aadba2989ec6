// Started by blackhole.ts: `node blackhole-process.ts <how many>`
import { readSync, writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'

// Linux admits backlog + 1 connections, BSDs 1.5 times the backlog: more than enough for both
const FILLERS = 4

const listening = async (): Promise<Server> => {
  const server = createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 })
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))

  return server
}

const servers = await Promise.all(Array.from({ length: Number(process.argv[2] ?? 1) }, listening))
const ports = servers.map(server => (server.address() as AddressInfo).port)

for (const port of ports) {
  for (let i = 0; i < FILLERS; i++) {
    connect(port, '127.0.0.1')
  }
}

// a connect() goes out in a tick of its own: this tick stands behind them all, and before the loop polls and accepts
process.nextTick(() => {
  // a busy kernel finishes handshakes a little after connect() has returned
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)

  try {
    writeSync(1, `${JSON.stringify(ports)}\n`)
    // a blocked loop never accepts. The read ends when the parent closes the pipe, or dies
    readSync(0, Buffer.alloc(1))
  } finally {
    process.exit()
  }
})
