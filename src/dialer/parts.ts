import { Bans } from '../bans/bans.ts'
import { EvictionLog } from '../bans/eviction-log.ts'
import { Convergence } from '../convergence/convergence.ts'
import { History } from '../history/history.ts'
import { backgroundClock, systemClock, wallTime } from '../pipeline/clock.ts'
import { converges, stopNodeStates } from '../pipeline/runtime/make-stage.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { closeGently, sever } from './attempts/connections.ts'
import { DialEngine } from './dial-engine.ts'
import { InboundVerifier } from './inbound-verifier.ts'
import { DcutrGuard } from './libp2p/dcutr.ts'
import { closeFailedUpgrades, watchBytes } from './libp2p/upgrader.ts'
import { bansOf, guardGater } from './libp2p/guard-gater.ts'
import { install } from './libp2p/install.ts'
import { pruneFirst } from './libp2p/prune-order.ts'
import { ownComponents } from './libp2p/own-components.ts'
import { checkSwappable, settingsOf } from './libp2p/stock-queue.ts'
import { NetworkWatch } from './network-watch.ts'
import { makeStores } from './stores.ts'
import { Surroundings } from './surroundings.ts'
import type { DialerComponents, DialerInit } from './dialer-init.ts'
import type { EngineEvents } from './dial-engine.ts'
import type { NodeSettings } from './node-settings.ts'
import type { SwappableConnectionManager } from './libp2p/stock-queue.ts'
import type { Stores } from './stores.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { ConnectionChange } from '../pipeline/convergence.ts'
import type { DialPipeline } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface DialerPartsInit extends DialerInit, Required<Pick<EngineEvents, 'onConnected' | 'onEnded' | 'onStart' | 'onStop' | 'observer'>> {
  readonly pipeline: DialPipeline
  /** Called when new streams to a peer use another connection */
  readonly onPreferred: (change: ConnectionChange) => void
  /** Called before an inbound connection is closed because `verifyInbound` has refused it */
  readonly onRefused: (connection: Connection, error: Error) => void
  /** Called before the bans change, with the change in words. Throws after `detach()`, when the bans have no effect */
  readonly checkAttached: (act: string) => void
}

/** Makes the parts of a dialer, and installs them in their node */
export class DialerParts {
  readonly clock: Clock
  readonly settings: NodeSettings
  readonly history: History
  readonly bans: Bans
  readonly convergence: Convergence
  readonly engine: DialEngine
  readonly stores: Stores
  readonly #components: DialerComponents
  readonly #connectionManager: SwappableConnectionManager
  /** Track the connections and the network of the node while it runs */
  readonly #watchers: ReadonlyArray<{ start (): void, stop (): void }>
  readonly #evictions: EvictionLog
  #uninstall: ReadonlyArray<() => void> = []
  /** Called when the last dial has ended */
  #restoreUpgrader?: () => void

  /**
   * @throws IncompatibleConnectionManagerError when the node's dialer cannot be replaced
   * @throws InvalidParametersError when the history or the bans are to be persisted and the node has no datastore
   */
  constructor (components: DialerComponents, init: DialerPartsInit) {
    const { connectionManager, logger } = components
    const { clock = systemClock, pipeline, slots = {}, onConnected, onEnded, onPreferred, onRefused, onStart, onStop, observer, verifyInbound, checkAttached } = init
    checkSwappable(connectionManager)
    const timer = clock === systemClock ? backgroundClock : clock
    const bansLog = safeLog(logger, 'libp2p:dial-pipeline:bans')
    const surroundings = new Surroundings(components, clock)

    this.#components = components
    this.#connectionManager = connectionManager
    this.clock = clock
    this.settings = settingsOf(connectionManager.dialQueue)
    this.history = new History(clock, { belief: init.history?.belief })
    this.bans = new Bans(clock)
    this.bans.check = checkAttached
    this.#evictions = new EvictionLog(timer, bansLog)
    this.bans.onEvict = ban => { this.#evictions.evicted(ban) }
    const close = async (connection: Connection): Promise<void> => closeGently(connection, clock)
    const isUndecided = (connection: Connection): boolean => connection.direction === 'inbound' ? verifier?.hasVerified(connection) === false : this.engine.dials.isUndecided(connection)
    this.convergence = new Convergence(components, { clock, isUndecided, close, onPreferred }, init.convergence)
    this.convergence.isOn = converges(pipeline)

    const networkWatch = new NetworkWatch(components, {
      clock: timer,
      target: typeof globalThis.addEventListener === 'function' ? globalThis : undefined,
      wallTime,
      onChange: () => { this.history.resetFailures() }
    })
    const { settings, history, convergence } = this
    const own = ownComponents(components, { clock, settings, history, bans: bansOf(components, this.bans), convergence, surroundings })
    this.engine = new DialEngine(own, settings, pipeline, slots, { onConnected, onEnded, onStart, onStop, observer, preferred: peerId => convergence.preferred(peerId) })
    const verifier = verifyInbound == null ? undefined : new InboundVerifier(own, { check: verifyInbound, onVerified: connection => { convergence.accepted(connection) }, close, onRefused })
    this.#watchers = [
      this.convergence,
      new DcutrGuard(components, convergence),
      surroundings,
      networkWatch,
      ...verifier == null ? [] : [verifier]
    ]
    this.stores = makeStores(components, { init, clock, bansLog, bans: this.bans, history, barrier: this.engine.barrier })
    history.onNewNetwork = heard => { this.engine.attempts.restart(heard) }
  }

  /** Installs the parts in their node. In a stopped node the engine is stopped too */
  install (): void {
    const { upgrader } = this.#components
    const detach = install(this.#connectionManager, this.engine)
    // patched before `watchBytes` patches the upgrader: this patch is removed later
    this.#restoreUpgrader = closeFailedUpgrades(upgrader, this.clock)
    this.#uninstall = [detach, watchBytes(upgrader, () => { this.history.received() }), guardGater(this.#components, this.bans), pruneFirst(this.#connectionManager.connectionPruner, connection => this.convergence.isRedundant(connection))]
  }

  /** Starts the watchers. A second call has no effect */
  watch (): void {
    this.#components.events.addEventListener('connection:open', this.#onConnection)
    this.#watchers.forEach(watcher => { watcher.start() })
  }

  stopWatching (): void {
    this.#components.events.removeEventListener('connection:open', this.#onConnection)
    this.#watchers.forEach(watcher => { watcher.stop() })
  }

  /** Stops the watchers. Resolves when the history and the bans are written */
  async close (): Promise<void> {
    this.stopWatching()
    await this.stores.close()
    this.#evictions.close()
  }

  /** Removes the parts from their node. Resolves when the last dial has ended */
  async uninstall (): Promise<void> {
    this.#uninstall.forEach(undo => { undo() })
    this.stopWatching()
    this.stores.finish()
    this.engine.dials.lingering.max = 0
    await this.engine.dials.idle()
    stopNodeStates(this.engine.components)
    this.#restoreUpgrader?.()
  }

  readonly #onConnection = ({ detail }: CustomEvent<Connection>): void => {
    const { lingering } = this.engine.dials
    this.history.connected(detail.remotePeer, detail)
    this.engine.onOpened(detail)

    if (lingering.size > 0) {
      // after all listeners, the connection manager among them, have counted the new connection. Its own dial is not ended
      queueMicrotask(() => {
        if (this.convergence.isFull) {
          lingering.end(0, detail.remotePeer)
        }
      })
    }

    // a ban may have been added while the connection was negotiated
    void sever([detail], this.clock, remote => this.bans.reasonFor(remote) != null)
  }
}
