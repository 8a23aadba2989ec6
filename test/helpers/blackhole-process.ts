// Holds TCP blackholes for blackhole.ts: `node blackhole-process.ts <how many>`
import { readSync, writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'

// Linux admits backlog + 1 connections, and BSDs 1.5 times the backlog: this is enough for both
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

// each connect() starts in a tick of its own. This tick runs after all of them, and before the event loop accepts connections
process.nextTick(() => {
  // a busy kernel completes handshakes shortly after connect() has returned
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)

  try {
    writeSync(1, `${JSON.stringify(ports)}\n`)
    // the read blocks the event loop, which then never accepts. It ends when the parent closes the pipe or dies
    readSync(0, Buffer.alloc(1))
  } finally {
    process.exit()
  }
})
