import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'ava'
import { LevelDatastore } from 'datastore-level'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, known, newKey, newPeers, node, texts } from './kit.ts'
import type { ExecutionContext } from 'ava'

const { key, peer } = await newKey()

async function inFolder (t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'address-book-'))
  t.teardown(async () => rm(folder, { recursive: true, force: true }))

  return folder
}

test('reports and records survive a restart with a datastore on disk', async t => {
  const folder = await inFolder(t)
  const bytes = await sealRecord(key, { seq: 5n, multiaddrs: addrs(2, 4) })

  for (const isFirst of [true, false]) {
    const datastore = new LevelDatastore(folder)
    await datastore.open()
    const { book, log } = node({ datastore })
    await book.start()

    if (isFirst) {
      book.observe(peer, addr(1), { source: 'user' })
      await book.consumeRecord(bytes)
    }

    t.deepEqual(known(book, peer), { [addr(1).toString()]: ['user'], [addr(2).toString()]: ['certified'], [addr(3).toString()]: ['certified'] })
    t.deepEqual(book.records(peer).get(peer.toString()), { seq: 5n, envelope: bytes })
    t.deepEqual(log, [])
    await book.stop()
    await datastore.close()
  }
})

test('killing the process during writes leaves each peer\'s stored entry old or new, and none torn', async t => {
  const peers = await newPeers(300)

  for (const delay of [0, 3, 8]) {
    const folder = await inFolder(t)
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writing-process.ts'), folder, peers.join()], { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    t.teardown(() => { child.kill('SIGKILL') })
    let written = -1

    // reads up to the last line before the process ended
    for await (const line of createInterface(child.stdout)) {
      written = Number(line)

      if (written === 10) {
        setTimeout(() => child.kill('SIGKILL'), delay)
      }
    }

    const [, signal] = await closed
    t.is(signal, 'SIGKILL')

    const datastore = new LevelDatastore(folder)
    await datastore.open()
    const { book, log } = node({ datastore })
    await book.start()
    const rounds = [written, written + 1].map(round => addr(round).toString())
    const found = peers.map(peer => texts(book, peer).join())
    t.deepEqual(log, [])
    t.deepEqual(found.filter(text => !rounds.includes(text)), [], `all had ${rounds[0]}, and some were to have ${rounds[1]}`)
    await book.stop()
    await datastore.close()
  }
})
