import { generateKeyPair } from '@libp2p/crypto/keys'
import { MemoryDatastore } from 'datastore-core'
import { staggered } from '../../presets/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { LOOPBACK } from './banning.ts'
import { dialling, listening } from './kit.ts'
import { recordLogs } from './record-logs.ts'
import type { DialerBansInit } from '../../src/dialer/dialer-init.ts'
import type { Dialer } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'
import type { Pair, Query } from 'interface-datastore'

export const SECOND = 1_000

/** A datastore whose bans cannot be read, or whose queries wait */
class Faulty extends MemoryDatastore {
  isBroken = false
  /** Queries wait for this promise */
  answers?: Promise<void>
  /** Number of queries for bans */
  reads = 0

  override query (query: Query): any {
    if (query.prefix !== '/dial-pipeline/bans/') {
      return super.query(query)
    }

    this.reads++

    if (this.isBroken) {
      throw new Error('EIO')
    }

    return this.#answer(query)
  }

  async * #answer (query: Query): AsyncGenerator<Pair> {
    await this.answers
    yield * super.query(query)
  }
}

interface Scene {
  datastore: Faulty
  clock: VirtualClock
  /** Node with its datastore */
  node: Libp2p<{ dialer: Dialer }>
  dialer: Dialer
  peer: Libp2p
  banned: Libp2p
  lines: string[]
}

/** A restarted node that has banned a peer before, with a datastore that fails as `fail` sets */
export async function scene (t: ExecutionContext, fail: (datastore: Faulty) => void, bans: DialerBansInit = {}): Promise<Scene> {
  const [datastore, clock, privateKey] = [new Faulty(), new VirtualClock(Date.UTC(2026, 0, 1)), await generateKeyPair('Ed25519')]
  const { logger, lines } = recordLogs('libp2p:dial-pipeline:bans')
  const options = { datastore, privateKey, listen: LOOPBACK, logger, dialerInit: { clock, bans: { persist: true, ...bans } } }
  const [peer, banned] = await Promise.all([listening(t, { listen: LOOPBACK }), listening(t, { listen: LOOPBACK })])
  const first = await dialling(t, staggered(), options)
  await first.services.dialer.ban(banned.peerId, { for: Infinity })
  await first.services.dialer.ban('10.0.0.0/8', { for: Infinity })
  await first.stop()

  fail(datastore)
  lines.length = 0
  const starting = dialling(t, staggered(), options)
  const node = await (datastore.answers == null ? starting : whileTimePasses(clock, starting))

  return { datastore, clock, node, dialer: node.services.dialer, peer, banned, lines }
}

/** Advances virtual time until a promise of real I/O settles */
export async function whileTimePasses<T> (clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  void promise.finally(() => { isSettled = true }).catch(() => {})

  while (!isSettled) {
    await new Promise(resolve => { setImmediate(resolve) })
    await clock.advance(SECOND)
  }

  return promise
}

export const broken = (datastore: Faulty): void => { datastore.isBroken = true }
export const hanging = (datastore: Faulty): void => { datastore.answers = new Promise(() => {}) }
