import { banStore } from '../bans/store.ts'
import { datastoreFor } from '../datastore/persist.ts'
import { historyStore } from '../history/store.ts'
import { sever } from './attempts/close-connections.ts'
import { DialBarrier } from './dials/dial-barrier.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import type { DialerComponents, DialerInit } from './dialer-init.ts'
import type { Bans } from '../bans/bans.ts'
import type { RecordStore } from '../datastore/record-store.ts'
import type { History } from '../history/history.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'

export interface StoresInit {
  /** Its barrier makes dials wait until the stores are read */
  readonly engine: { barrier?: DialBarrier }
  readonly history?: RecordStore
  readonly bans?: RecordStore
  /** Whether dials wait until the bans are read. Otherwise they wait for the first attempt to read */
  readonly areBansRequired: boolean
}

export interface MakeStoresInit {
  readonly init: DialerInit
  readonly clock: Clock
  readonly bans: Bans
  readonly bansLog: Logger
  readonly history: History
  readonly engine: StoresInit['engine']
}

/**
 * Makes the stores that persist the history and the bans of a node
 *
 * @throws InvalidParametersError when one is to be persisted and the node has no datastore
 */
export function makeStores (components: DialerComponents, { init, clock, bans, bansLog, history, engine }: MakeStoresInit): Stores {
  const historyLog = safeLog(components.logger, 'libp2p:dial-pipeline:history')
  const ofHistory = datastoreFor(components, { what: 'history', persist: init.history?.persist, isDefault: false, log: historyLog })
  const ofBans = datastoreFor(components, { what: 'bans', persist: init.bans?.persist, isDefault: false, log: bansLog })

  const banRecords = ofBans == null
    ? undefined
    : banStore(bans, ofBans, clock, bansLog, keys => {
        // inbound connections of banned peers were accepted before the bans were read
        void sever(components.connectionManager.getConnections(), clock, remote => Array.from(bans.matches(remote), ([key]) => key).some(key => keys.has(key)))
        stores.update()
      })
  const stores = new Stores({
    engine,
    history: ofHistory == null ? undefined : historyStore(history.networks, ofHistory, clock, historyLog),
    bans: banRecords,
    areBansRequired: init.bans?.required ?? true
  })

  return stores
}

/** The persisted records of a dialer. Closes the barrier until they are read */
export class Stores {
  readonly #init: StoresInit
  readonly #stores: readonly RecordStore[]
  /** The time from `open()` to `close()`. Undefined while the stores are closed */
  #session?: { isOpen: boolean }

  constructor (init: StoresInit) {
    this.#init = init
    this.#stores = [init.history, init.bans].filter(store => store != null)
    this.#closeBarrier()
  }

  /** Resolves when all records are read, a read has failed, or 10 s have passed. A second call reads nothing again. Never rejects */
  async open (): Promise<void> {
    if (this.#session == null) {
      this.#closeBarrier()
    }

    const session = (this.#session ??= { isOpen: false })
    await Promise.all(this.#stores.map(async store => store.open()))
    session.isOpen = true
    this.update()
  }

  /** Opens the barrier when dials need not wait for any store */
  update (): void {
    const { engine, bans, areBansRequired } = this.#init

    if (this.#session?.isOpen === true && (!areBansRequired || bans?.isLoaded !== false)) {
      engine.barrier?.open()
      engine.barrier = undefined
    }
  }

  /** Writes each store a last time: the node's next dialer keeps the same records */
  finish (): void {
    this.#stores.forEach(store => { store.finish() })
  }

  /** Resolves when all records are written, or 10 s have passed. Never rejects */
  async close (): Promise<void> {
    this.#session = undefined
    await Promise.all(this.#stores.map(async store => store.close()))
  }

  #closeBarrier (): void {
    const { engine, bans, history } = this.#init

    if (this.#stores.length > 0) {
      engine.barrier ??= new DialBarrier(() => bans?.loadError ?? history?.loadError)
    }
  }
}
