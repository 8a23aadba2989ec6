import { Bans } from '../bans/bans.ts'
import { EvictionLog } from '../bans/eviction-log.ts'
import { Convergence } from '../convergence/convergence.ts'
import { History } from '../history/history.ts'
import { backgroundClock, systemClock, wallTime } from '../pipeline/clock.ts'
import { converges, stopNodeStates } from '../pipeline/runtime/make-stage.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { closeGently, sever } from './attempts/connections.ts'
import { Engine } from './engine.ts'
import { InboundVerifier } from './inbound-verifier.ts'
import { DcutrGuard } from './libp2p/dcutr.ts'
import { closeFailedUpgrades, watchBytes } from './libp2p/upgrader.ts'
import { bansOf, guard } from './libp2p/guard.ts'
import { install } from './libp2p/install.ts'
import { pruneFirst } from './libp2p/prune-order.ts'
import { ownComponents } from './libp2p/own-components.ts'
import { checkSwappable, settingsOf } from './libp2p/stock-queue.ts'
import { NetworkWatch } from './network-watch.ts'
import { makeStores } from './stores.ts'
import { Surroundings } from './surroundings.ts'
import type { DialerComponents, DialerInit } from './dialer-init.ts'
import type { EngineEvents } from './engine.ts'
import type { NodeSettings } from './node-settings.ts'
import type { SwappableConnectionManager } from './libp2p/stock-queue.ts'
import type { Stores } from './stores.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { ConnectionChange } from '../pipeline/convergence.ts'
import type { DialPipeline } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface DialerPartsInit extends DialerInit, Required<Pick<EngineEvents, 'onConnected' | 'onEnded' | 'onStart' | 'onStop' | 'observer'>> {
  readonly pipeline: DialPipeline
  /** New streams to a peer take another connection */
  readonly onPreferred: (change: ConnectionChange) => void
  /** An inbound connection is about to be closed, because `verifyInbound` has refused it */
  readonly onRefused: (connection: Connection, error: Error) => void
  /** Called with what is about to be done to the bans. Throws where that would be without effect */
  readonly checkAttached: (act: string) => void
}

/** The parts of a dialer, put together and into their node */
export class DialerParts {
  readonly clock: Clock
  readonly settings: NodeSettings
  readonly history: History
  readonly bans: Bans
  readonly convergence: Convergence
  readonly engine: Engine
  readonly stores: Stores
  readonly #components: DialerComponents
  readonly #connectionManager: SwappableConnectionManager
  /** What follows the connections and the network of the node while it runs */
  readonly #watchers: ReadonlyArray<{ start (): void, stop (): void }>
  readonly #evictions: EvictionLog
  #uninstall: ReadonlyArray<() => void> = []
  /** Once the last dial has ended */
  #restoreUpgrader?: () => void

  /**
   * @throws IncompatibleConnectionManagerError where the node's dialer cannot be replaced
   * @throws InvalidParametersError where the history or the bans are to be kept and there is no datastore
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
    this.engine = new Engine(own, settings, pipeline, slots, { onConnected, onEnded, onStart, onStop, observer, preferred: peerId => convergence.preferred(peerId) })
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

  /** Puts the parts into their node. A node that is stopped stops them at once */
  install (): void {
    const { upgrader } = this.#components
    const detach = install(this.#connectionManager, this.engine)
    // below the other patch of the upgrader: it outlives that
    this.#restoreUpgrader = closeFailedUpgrades(upgrader, this.clock)
    this.#uninstall = [detach, watchBytes(upgrader, () => { this.history.received() }), guard(this.#components, this.bans), pruneFirst(this.#connectionManager.connectionPruner, connection => this.convergence.isRedundant(connection))]
  }

  /** More than once is once */
  watch (): void {
    this.#components.events.addEventListener('connection:open', this.#onConnection)
    this.#watchers.forEach(watcher => { watcher.start() })
  }

  stopWatching (): void {
    this.#components.events.removeEventListener('connection:open', this.#onConnection)
    this.#watchers.forEach(watcher => { watcher.stop() })
  }

  /** Resolves when what was learnt is written */
  async close (): Promise<void> {
    this.stopWatching()
    await this.stores.close()
    this.#evictions.close()
  }

  /** Takes the parts out of their node. Resolves when the dials that run have ended */
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
      // the connection manager counts it when all have heard of it. What a dial has just made is not taken from it
      queueMicrotask(() => {
        if (this.convergence.isFull) {
          lingering.end(0, detail.remotePeer)
        }
      })
    }

    // the ban may have come while it was negotiated
    void sever([detail], this.clock, remote => this.bans.reasonFor(remote) != null)
  }
}
