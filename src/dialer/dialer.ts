import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { TypedEventEmitter } from 'main-event'
import { parseBootstrapList } from '../address/bootstrap-list.ts'
import { Bans } from '../bans/bans.ts'
import { EvictionLog } from '../bans/eviction-log.ts'
import { BanStore } from '../bans/store.ts'
import { Convergence } from '../convergence/convergence.ts'
import { History } from '../history/history.ts'
import { HistoryStore } from '../history/store.ts'
import { backgroundClock, systemClock, wallTime } from '../pipeline/clock.ts'
import { Recent } from '../trace/recent.ts'
import { renderTrace } from '../trace/text.ts'
import { checkBanOptions } from './ban-options.ts'
import { bootstrap, checkBootstrapInit } from './bootstrap.ts'
import { checkConnects } from './dials/check-connects.ts'
import { checkInit } from './check-init.ts'
import { closeGently } from './attempts/close.ts'
import { closeFailedUpgrades } from './libp2p/close-failed-upgrades.ts'
import { datastoreOf } from './libp2p/datastore-of.ts'
import { Engine } from './engine.ts'
import { findExisting } from './dials/existing.ts'
import { bansOf, guard } from './libp2p/guard.ts'
import { checkFree, install } from './libp2p/install.ts'
import { NetworkWatch } from './network-watch.ts'
import { ownComponents } from './libp2p/own-components.ts'
import { remoteOf, sever, severBanned } from './attempts/sever.ts'
import { Stores } from './stores.ts'
import { Surroundings } from './surroundings.ts'
import { checkSwappable, settingsOf } from './libp2p/stock-queue.ts'
import { traceOf } from './dials/trace-of.ts'
import { watchBytes } from './libp2p/watch-bytes.ts'
import type { BanOptions, DialerBansInit } from './ban-options.ts'
import type { BootstrapInit } from './bootstrap.ts'
import type { Dialing } from './dials/dialing.ts'
import type { SlotsInit } from './attempts/slots-init.ts'
import type { NodeSettings } from './settings.ts'
import type { BootstrapAddress } from '../address/bootstrap-list.ts'
import type { BanTarget } from '../bans/target.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { BetterConnection } from '../pipeline/convergence.ts'
import type { DialComponents, DialPipeline } from '../pipeline/types.ts'
import type { HistoryInit } from '../history/history.ts'
import type { DialTrace } from '../trace/types.ts'
import type { Connection, ConnectionGater, Logger, PeerId, Startable, Upgrader } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import type { Datastore } from 'interface-datastore'

export interface DialerInit {
  /** How many attempts may be in flight at once */
  slots?: SlotsInit
  /**
   * How many of the latest dials are kept for `explain` and `traces`
   *
   * @default 64
   */
  traces?: number
  /** What the node learns by dialling */
  history?: DialerHistoryInit
  /** Whom it does not dial */
  bans?: DialerBansInit
  /** Default: the system's */
  clock?: Clock
}

export interface DialerHistoryInit extends HistoryInit {
  /**
   * Keeps what was learnt in the node's datastore, so that it is known after a restart
   *
   * @default false
   */
  persist?: boolean
}

/** The names are libp2p's own */
export type DialerComponents = Omit<DialComponents, 'clock' | 'settings' | 'history' | 'bans' | 'convergence' | 'surroundings' | 'connectionGater'> & {
  readonly upgrader: Upgrader
  /** Replaced while the dialer is attached */
  connectionGater: ConnectionGater
  readonly addressManager?: AddressManager
  /** For a history and bans that are kept */
  readonly datastore?: Datastore
}

export interface DialerEvents {
  /** New streams to a peer take another connection than before, which is still open */
  'connection:preferred': CustomEvent<BetterConnection & { peerId: PeerId }>
  /** A dial has connected once more, over a better address than the one that its callers were given */
  'connection:alternative': CustomEvent<{ peerId: PeerId, connection: Connection }>
  /** A dial has ended, and its connections are settled */
  'dial:end': CustomEvent<DialTrace>
}

/** The dialer of a node, in the place of libp2p's own */
export class Dialer extends TypedEventEmitter<DialerEvents> implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline'

  /** What the node has learnt by dialling */
  readonly history: History

  /** The bans that hold: to be listed and lifted. `isLoaded` says whether those of an earlier life have been read */
  readonly bans: Bans

  readonly #components: DialerComponents
  readonly #clock: Clock
  readonly #settings: NodeSettings
  readonly #engine: Engine
  readonly #convergence: Convergence
  readonly #surroundings: Surroundings
  readonly #networkWatch: NetworkWatch
  readonly #recent: Recent<Dialing>
  readonly #events: DialerComponents['events']
  readonly #stores: Stores
  readonly #evictions: EvictionLog
  readonly #detach: () => void
  #isDetached = false
  /** Aborted when the node stops, or the dialer is detached and idle */
  #life = new AbortController()

  /**
   * @throws IncompatibleConnectionManagerError where the node's dialer cannot be replaced
   * @throws InvalidParametersError for an unknown or wrong option, and where its history or its bans are to be kept and there is no datastore
   */
  constructor (components: DialerComponents, pipeline: DialPipeline, init: DialerInit = {}) {
    super()
    checkInit('new Dialer', init)
    const { connectionManager, logger } = components
    checkConnects(pipeline)
    checkSwappable(connectionManager)
    checkFree(connectionManager.dialQueue)

    const { clock = systemClock } = init
    const settings = settingsOf(connectionManager.dialQueue)
    this.#recent = new Recent(init.traces)
    this.#events = components.events
    this.#components = components
    this.#clock = clock
    this.#settings = settings
    this.history = new History(clock, { belief: init.history?.belief })
    this.bans = new Bans(clock)
    this.bans.check = act => { this.#checkAttached(act) }
    const bansLog = logger.forComponent('libp2p:dial-pipeline:bans')
    this.#evictions = new EvictionLog(clock === systemClock ? backgroundClock : clock, bansLog)
    this.bans.onEvict = ban => { this.#evictions.evicted(ban) }
    this.#surroundings = new Surroundings(components, clock)
    this.#networkWatch = new NetworkWatch(components, {
      clock: clock === systemClock ? backgroundClock : clock,
      target: typeof globalThis.addEventListener === 'function' ? globalThis : undefined,
      wallTime,
      onChange: () => { this.history.resetFailures() }
    })
    this.#convergence = new Convergence(components, {
      clock,
      close: async connection => closeGently(connection, clock),
      onPreferred: better => {
        this.safeDispatchEvent('connection:preferred', { detail: { ...better, peerId: better.preferred.remotePeer } })
      }
    })

    this.#engine = new Engine(ownComponents(components, { clock, settings, history: this.history, bans: bansOf(components, this.bans), convergence: this.#convergence, surroundings: this.#surroundings }), settings, pipeline, init.slots ?? {}, {
      onConnected: (dial, connection, place) => {
        this.#convergence.dialled(connection, dial.id, place)

        if (place > 0) {
          this.safeDispatchEvent('connection:alternative', { detail: { peerId: connection.remotePeer, connection } })
        }
      },
      preferred: peerId => this.#convergence.preferred(peerId),
      onEnded: dial => {
        this.#recent.add(dial)

        const trace = this.listenerCount('dial:end') > 0 ? traceOf(dial) : undefined

        if (trace != null) {
          this.safeDispatchEvent('dial:end', { detail: trace })
        }
      },
      onStart: () => { this.start() },
      onStop: () => { void this.stop() }
    })
    this.#stores = this.#makeStores(init, bansLog)

    this.history.onNewNetwork = heard => { this.#engine.attempts.restart(heard) }
    const detach = install(connectionManager, this.#engine)
    const restoreUpgrader = closeFailedUpgrades(components.upgrader, clock)
    const unwatch = watchBytes(components.upgrader, () => { this.history.received() })
    const unguard = guard(components, this.bans)

    this.#detach = () => {
      detach()
      unwatch()
      unguard()
      this.#isDetached = true
      this.#convergence.stop()
      this.#surroundings.stop()
      this.#networkWatch.stop()
      this.#stores.finish()
      this.#events.removeEventListener('connection:open', this.#onConnection)
      void this.#engine.dials.idle().then(async () => {
        restoreUpgrader()
        await this.stop()
      })
    }
  }

  /** Called by libp2p: what was learnt in an earlier life is read before anything dials */
  async beforeStart (): Promise<void> {
    if (this.#begin()) {
      await this.#stores.open()
    }
  }

  /** Called by libp2p, and by `attach` on a node that runs. Dials wait until what was learnt in an earlier life is read */
  start (): void {
    if (this.#begin()) {
      void this.#stores.open()
    }
  }

  /** All that needs no waiting: what throws is thrown to whoever starts the node. Answers whether the dialer is in use */
  #begin (): boolean {
    if (this.#isDetached) {
      return false
    }

    // more than once is once
    this.#events.addEventListener('connection:open', this.#onConnection)
    this.#convergence.start()
    this.#surroundings.start()
    this.#networkWatch.start()

    if (this.#life.signal.aborted) {
      this.#life = new AbortController()
    }

    return true
  }

  /** Called by libp2p: what was learnt is written. Dials are ended by the connection manager */
  async stop (): Promise<void> {
    this.#events.removeEventListener('connection:open', this.#onConnection)
    this.#convergence.stop()
    this.#surroundings.stop()
    this.#networkWatch.stop()
    this.#life.abort(new AbortError('The dialer was stopped'))
    await this.#stores.close()
    this.#evictions.close()
  }

  #makeStores ({ history, bans }: DialerInit, bansLog: Logger): Stores {
    const components = this.#components
    const clock = this.#clock
    const { required: areBansRequired = true } = bans ?? {}

    return new Stores({
      barrier: this.#engine.barrier,
      areBansRequired,
      history: history?.persist === true ? new HistoryStore(this.history.networks, datastoreOf(components, 'history'), clock, components.logger.forComponent('libp2p:dial-pipeline:history')) : undefined,
      bans: bans?.persist === true
        ? new BanStore(this.bans, datastoreOf(components, 'bans'), clock, bansLog, {
            isRequired: areBansRequired,
            // inbound connections are let in before
            onRead: keys => { severBanned(keys, this.bans, components.connectionManager.getConnections(), clock) },
            onLoaded: () => { this.#stores.update() }
          })
        : undefined
    })
  }

  readonly #onConnection = ({ detail }: CustomEvent<Connection>): void => {
    this.history.connected(detail.remotePeer, detail)

    // while it was negotiated
    if (this.bans.reasonFor(remoteOf(detail)) != null) {
      void closeGently(detail, this.#clock)
    }
  }

  /**
   * Denies connections to and from a peer, an address or a network, for a time, whatever the pipeline is. Holds as soon as this
   * returns; resolves when what is to be closed is closed. A ban that is there already never becomes shorter: lift it first
   *
   * @param target a peer id, a multiaddr, or text: a peer id, a multiaddr, an IP address or a CIDR range
   * @throws InvalidParametersError for what cannot be banned, for options of another name or type, and after `detach()`
   */
  async ban (target: BanTarget, options: BanOptions): Promise<void> {
    checkBanOptions(options)
    const { for: ms, sever: isSevering = false } = options
    const ban = this.bans.add(target, ms)

    if (isSevering) {
      this.#engine.attempts.sever()
      await sever(ban, this.bans, this.#components.connectionManager.getConnections(), this.#clock)
    }
  }

  /**
   * Connects the node to a few peers of a list: some at a time, of different operators or networks, in an order that is drawn
   * anew each time. Ends when `enough` are connected, or all were tried and one is. While none is, all are tried again: after a
   * second, two, four, … a minute at most, until one is, or the signal aborts, or the node stops
   *
   * @returns the connections, those that were open included
   * @throws InvalidParametersError for an unknown or wrong option, an empty list, and for addresses that do not end in a peer id; the signal's reason when
   * that aborts; AbortError when the node stops
   */
  async bootstrap (list: readonly BootstrapAddress[], init: BootstrapInit = {}): Promise<Connection[]> {
    checkBootstrapInit(init)
    const signal = anySignal([init.signal, this.#life.signal])

    try {
      return await bootstrap(parseBootstrapList(list), { ...init, signal }, this.#components.connectionManager, this.#clock, this.#settings.dialTimeout)
    } finally {
      signal.clear()
    }
  }

  /**
   * The connection to a peer that new streams take. Where no pipeline of the node has `converge()`, libp2p's own choice; undefined
   * where that would make a dial
   */
  preferred (peerId: PeerId): Connection | undefined {
    return this.#convergence.preferred(peerId) ?? findExisting(this.#components.connectionManager.getConnections(peerId), [])
  }

  /** The pipeline that dials run through */
  get pipeline (): DialPipeline {
    return this.#engine.pipelines.current
  }

  /**
   * Replaces the pipeline, also for dials that wait for their turn. Dials that run are not affected
   *
   * @throws InvalidPipelineError for one that cannot dial; InvalidParametersError after `detach()`
   */
  use (pipeline: DialPipeline): void {
    this.#checkAttached('use() another pipeline')
    checkConnects(pipeline)
    this.#engine.pipelines.current = pipeline
  }

  #checkAttached (what: string): void {
    if (this.#isDetached) {
      throw new InvalidParametersError(`Cannot ${what} after detach(): this dialer dials and denies nothing any more. Do so with the one that is attached`)
    }
  }

  /** Gives the node its own dialer back. Dials that run or wait are finished with the pipeline that they began with: `use()` moves those that wait to another */
  detach (): void {
    this.#detach()
  }

  /** The latest dials, the newest last; of one peer, or of all */
  traces (peerId?: PeerId): DialTrace[] {
    return [...this.#recent.items, ...this.#engine.dials.running]
      .filter(({ requested }) => peerId == null || requested.peerId?.equals(peerId) === true)
      .flatMap(dial => traceOf(dial) ?? [])
  }

  /** What happened to each address in the latest dial of a peer, and why, as text to read */
  explain (peerId: PeerId): string {
    const trace = this.traces(peerId).at(-1)

    return trace == null ? `no dial of ${peerId.toString()} is known` : renderTrace(trace)
  }
}
