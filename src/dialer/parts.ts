import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { Bans } from '../bans/bans.ts'
import { toText } from '../bans/target.ts'
import { Convergence } from '../convergence/convergence.ts'
import { History } from '../history/history.ts'
import { backgroundClock, systemClock, wallTime } from '../pipeline/clock.ts'
import { converges, stopNodeStates } from '../pipeline/runtime/make-stage.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { closeGently, sever } from './attempts/close-connections.ts'
import { DialEngine } from './dial-engine.ts'
import { DialObservers } from './events/dial-observers.ts'
import { InboundVerifier } from './inbound-verifier.ts'
import { DcutrGuard } from './libp2p/dcutr.ts'
import { closeFailedUpgrades, watchBytes } from './libp2p/upgrader.ts'
import { install } from './libp2p/install.ts'
import { guardGater, ownComponents } from './libp2p/node-components.ts'
import { checkSwappable, pruneFirst, settingsOf } from './libp2p/stock-queue.ts'
import { NetworkWatch } from './network-watch.ts'
import { makeStores } from './stores.ts'
import { Surroundings } from './surroundings.ts'
import type { DialerComponents, DialerInit } from './dialer-init.ts'
import type { EventsTarget } from './events/dial-events.ts'
import type { NodeSettings } from './dials/dial-node.ts'
import type { SwappableConnectionManager } from './libp2p/stock-queue.ts'
import type { Stores } from './stores.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { DialPipeline } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Makes the parts of a dialer, and installs them in their node */
export class DialerParts {
  readonly clock: Clock
  readonly settings: NodeSettings
  readonly history: History
  readonly bans: Bans
  readonly convergence: Convergence
  readonly engine: DialEngine
  readonly stores: Stores
  readonly observers: DialObservers
  isDetached = false
  /** Aborted when the node stops, or when the dialer is detached and its last dial has ended */
  life = new AbortController()
  readonly #components: DialerComponents
  readonly #connectionManager: SwappableConnectionManager
  /** Track the connections and the network of the node while it runs */
  readonly #watchers: ReadonlyArray<{ start (): void, stop (): void }>
  #uninstall: ReadonlyArray<() => void> = []
  /** Called after a detach, when the last dial has ended */
  #restoreUpgrader?: () => void

  /**
   * @param target dispatches the events of the dialer
   * @throws IncompatibleConnectionManagerError when the node's dialer cannot be replaced
   * @throws InvalidParametersError when the history or the bans are to be persisted and the node has no datastore
   */
  constructor (components: DialerComponents, pipeline: DialPipeline, init: DialerInit, target: EventsTarget) {
    const { logger } = components
    const { clock = systemClock, slots, traces, verifyInbound } = init
    const connectionManager = checkSwappable(components)
    const observers = new DialObservers(target, components, clock)
    const timer = clock === systemClock ? backgroundClock : clock
    const bansLog = safeLog(logger, 'libp2p:dial-pipeline:bans')
    const surroundings = new Surroundings(components, clock)

    this.#components = components
    this.observers = observers
    this.#connectionManager = connectionManager
    this.clock = clock
    this.settings = settingsOf(connectionManager.dialQueue)
    this.history = new History(clock, { belief: init.history?.belief })
    this.bans = new Bans(clock)
    this.bans.check = act => { this.checkAttached(act) }
    this.bans.onEvict = ({ target }) => { bansLog.error('evicted the ban of %s: there are too many bans, and it ends first', toText(target)) }
    const close = async (connection: Connection): Promise<void> => closeGently(connection, clock)
    const isUndecided = (connection: Connection): boolean => connection.direction === 'inbound' ? verifier?.hasVerified(connection) === false : this.engine.dials.isUndecided(connection)
    this.convergence = new Convergence(components, { clock, isUndecided, close, onPreferred: observers.all.preferredChanged }, init.convergence)
    this.convergence.isOn = converges(pipeline)

    const networkWatch = new NetworkWatch(components, {
      clock: timer,
      target: typeof globalThis.addEventListener === 'function' ? globalThis : undefined,
      wallTime,
      onChange: () => {
        this.history.resetFailures()
        // moves the bans along when the date has jumped, and has them written, although nobody asks for a ban
        this.bans.now()
      }
    })
    const { settings, history, convergence } = this
    const own = ownComponents(components, { clock, settings, history, bans: this.bans, convergence, surroundings })
    this.engine = new DialEngine(own, settings, pipeline, {
      slots,
      traces,
      observer: observers.active,
      onStart: () => { void this.start() },
      onStop: () => { void this.stop() }
    })
    const verifier = verifyInbound == null
      ? undefined
      : new InboundVerifier(own, {
        check: verifyInbound,
        onVerified: connection => { convergence.accepted(connection) },
        close,
        onRefused: (connection, error) => { observers.events.dispatch('connection:refused', { peerId: connection.remotePeer, connection, error }) }
      })
    this.#watchers = [
      this.convergence,
      new DcutrGuard(components, convergence),
      surroundings,
      networkWatch,
      ...verifier == null ? [] : [verifier]
    ]
    this.stores = makeStores(components, { init, clock, bansLog, bans: this.bans, history, engine: this.engine })
    history.trust = () => this.engine.components.addressBook?.trust
    history.onNewNetwork = heard => {
      this.engine.attempts.restart(heard)
      surroundings.changedAt = clock.now()
    }
  }

  /** Installs the parts in their node. In a stopped node the engine is stopped too */
  install (): void {
    const { upgrader } = this.#components
    const detach = install(this.#connectionManager, this.engine)
    // patches the upgrader before `watchBytes` does, because this patch is removed after that one
    this.#restoreUpgrader = closeFailedUpgrades(upgrader, this.clock)
    this.#uninstall = [detach, watchBytes(upgrader, () => { this.history.received() }), guardGater(this.#components, this.engine.components, this.bans), pruneFirst(this.#connectionManager.connectionPruner, connection => this.convergence.isRedundant(connection))]
  }

  /**
   * Starts the watchers, possibly again. Resolves when the persisted history and bans are read. Not async, so that the errors of the
   * watchers reach the caller
   */
  start (): Promise<void> {
    if (this.isDetached) {
      return Promise.resolve()
    }

    this.#components.events.addEventListener('connection:open', this.#onConnection)
    this.#watchers.forEach(watcher => { watcher.start() })

    if (this.life.signal.aborted) {
      this.life = new AbortController()
    }

    return this.stores.open()
  }

  /** Stops the watchers. Resolves when the history and the bans are written */
  async stop (): Promise<void> {
    this.#stopWatching()
    this.life.abort(new AbortError(`The dialer was ${this.isDetached ? 'detached' : 'stopped'}`))
    await this.stores.close()
  }

  /** Removes the parts from their node, and stops them when the last dial has ended */
  async detach (): Promise<void> {
    this.isDetached = true
    this.#uninstall.forEach(undo => { undo() })
    this.#stopWatching()
    this.stores.finish()
    this.engine.dials.lingering.max = 0
    await this.engine.dials.idle()
    stopNodeStates(this.engine.components)
    this.#restoreUpgrader?.()
    await this.stop()
  }

  /** @throws InvalidParametersError after `detach()`, when the pipeline and the bans have no effect */
  checkAttached (act: string): void {
    if (this.isDetached) {
      throw new InvalidParametersError(`Cannot ${act} after detach(): this dialer dials and denies nothing any more. Do so with the one that is attached`)
    }
  }

  #stopWatching (): void {
    this.#components.events.removeEventListener('connection:open', this.#onConnection)
    this.#watchers.forEach(watcher => { watcher.stop() })
  }

  readonly #onConnection = ({ detail }: CustomEvent<Connection>): void => {
    const { lingering } = this.engine.dials
    this.history.connected(detail.remotePeer, detail)
    this.engine.onOpened(detail)

    if (lingering.size > 0) {
      // deferred until all listeners, the connection manager among them, have counted the new connection. Its own dial is not ended
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
