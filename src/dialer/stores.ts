import { BanStore } from '../bans/store.ts'
import { HistoryStore } from '../history/store.ts'
import { severBanned } from './attempts/banned.ts'
import { datastoreOf } from './libp2p/datastore-of.ts'
import type { DialBarrier } from './dials/dial-barrier.ts'
import type { DialerComponents, DialerInit } from './dialer-init.ts'
import type { Bans } from '../bans/bans.ts'
import type { History } from '../history/history.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'

export interface StoresInit {
  /** Where dials wait for the stores */
  readonly barrier: DialBarrier
  readonly history?: HistoryStore
  readonly bans?: BanStore
  /** Whether dials wait until the bans are read. They wait for the history 10 s at most */
  readonly areBansRequired: boolean
}

export interface MakeStoresInit {
  readonly init: DialerInit
  readonly clock: Clock
  readonly bans: Bans
  readonly bansLog: Logger
  readonly history: History
  readonly barrier: DialBarrier
}

/**
 * Makes what keeps the history and the bans of a node
 *
 * @throws InvalidParametersError where one is to be kept, and the node has no datastore
 */
export function makeStores (components: DialerComponents, { init, clock, bans, bansLog, history, barrier }: MakeStoresInit): Stores {
  const { required: areBansRequired = true, persist: keepsBans = false } = init.bans ?? {}
  const historyStore = init.history?.persist === true ? new HistoryStore(history.networks, datastoreOf(components, 'history'), clock, components.logger.forComponent('libp2p:dial-pipeline:history')) : undefined
  const banStore = keepsBans
    ? new BanStore(bans, datastoreOf(components, 'bans'), clock, bansLog, {
        isRequired: areBansRequired,
        // inbound connections are let in before
        onRead: keys => { severBanned(keys, bans, components.connectionManager.getConnections(), clock) },
        onLoaded: () => { stores.update() }
      })
    : undefined
  const stores = new Stores({ barrier, areBansRequired, history: historyStore, bans: banStore })

  return stores
}

/** What a dialer keeps in the node's datastore. Closes the barrier until it is read */
export class Stores {
  readonly #init: StoresInit
  readonly #stores: ReadonlyArray<HistoryStore | BanStore>
  #isOpen = false

  constructor (init: StoresInit) {
    this.#init = init
    this.#stores = [init.history, init.bans].filter(store => store != null)
    this.#closeBarrier()
  }

  /** Resolves when all is read, or a read has failed, or 10 s later. More than once is once. Never rejects */
  async open (): Promise<void> {
    if (!this.#isOpen) {
      this.#closeBarrier()
    }

    await Promise.all(this.#stores.map(async store => store.open()))
    this.#isOpen = true
    this.update()
  }

  /** Lets the dials start when nothing is left that they have to wait for */
  update (): void {
    const { barrier, bans, areBansRequired } = this.#init

    if (this.#isOpen && (!areBansRequired || bans?.isLoaded !== false)) {
      barrier.open()
    }
  }

  /** Has each write once more, and nothing after that: the next dialer of the node keeps the same records */
  finish (): void {
    this.#stores.forEach(store => { store.finish() })
  }

  /** Resolves when all is written, or 10 s later. Never rejects */
  async close (): Promise<void> {
    this.#isOpen = false
    await Promise.all(this.#stores.map(async store => store.close()))
  }

  #closeBarrier (): void {
    const { barrier, bans, history } = this.#init

    if (this.#stores.length > 0) {
      barrier.close(() => bans?.loadError ?? history?.loadError)
    }
  }
}
