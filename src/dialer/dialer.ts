import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { TypedEventEmitter } from 'main-event'
import { parseBootstrapList } from '../address/bootstrap-list.ts'
import { checkValue } from '../pipeline/check-options.ts'
import { INSPECT } from '../pipeline/inspect.ts'
import { PEER_ID } from '../pipeline/option-kinds.ts'
import { checkBanOptions } from './dialer-init.ts'
import { bootstrap, checkBootstrapInit } from './bootstrap.ts'
import { converges } from '../pipeline/runtime/make-stage.ts'
import { planDial } from './plan/dial-planner.ts'
import { DialStories } from './dials/dial-stories.ts'
import { checkConnects } from './dials/pipelines.ts'
import { findExisting } from './dials/existing.ts'
import { sever } from './attempts/connections.ts'
import { registerMetrics } from './events/node-metrics.ts'
import { Observation } from './events/observation.ts'
import { inspectDialer } from './inspect.ts'
import { DialerParts } from './parts.ts'
import type { DialerComponents, DialerInit, BanOptions } from './dialer-init.ts'
import type { DialerEvents } from './events/types.ts'
import type { BootstrapInit } from './bootstrap.ts'
import type { BootstrapAddress } from '../address/bootstrap-list.ts'
import type { BanTarget } from '../bans/target.ts'
import type { DialTarget } from './dials/target.ts'
import type { DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { DialPlan } from '../trace/plan.ts'
import type { DialObserver } from '../metrics/observer.ts'
import type { ExplainSubject } from './dials/find-dial.ts'
import type { RenderTraceInit } from '../trace/text.ts'
import type { DialTrace } from '../trace/types.ts'
import type { Connection, PeerId, Startable } from '@libp2p/interface'
import type { Bans } from '../bans/bans.ts'
import type { History } from '../history/history.ts'
import type { EventHandler } from 'main-event'

/** The dialer of a node, in the place of libp2p's own */
export class Dialer extends TypedEventEmitter<DialerEvents> implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline'

  /** What the node has learnt by dialling */
  readonly history: History

  /** The bans that hold: to be listed and lifted. `isLoaded` says whether those of an earlier life have been read */
  readonly bans: Bans

  readonly #components: DialerComponents
  readonly #parts: DialerParts
  readonly #observation: Observation
  readonly #stories: DialStories
  #isDetached = false
  /** Aborted when the node stops, or the dialer is detached and idle */
  #life = new AbortController()

  /**
   * @throws IncompatibleConnectionManagerError where the node's dialer cannot be replaced
   * @throws InvalidParametersError where its history or its bans are to be kept and there is no datastore
   */
  constructor (components: DialerComponents, pipeline: DialPipeline, init: DialerInit) {
    super()
    this.#components = components
    this.#stories = new DialStories(init.traces, () => this.#parts.engine.dials)
    this.#parts = new DialerParts(components, {
      ...init,
      pipeline,
      onConnected: (_dial, connection, previous) => { this.#onConnected(connection, previous) },
      onEnded: dial => { this.#stories.add(dial) },
      onRefused: (connection, error) => { this.#observation.events.dispatch('connection:refused', { peerId: connection.remotePeer, connection, error }) },
      onPreferred: change => { this.#observation.preferredChanged(change) },
      observer: () => this.#observer,
      onStart: () => { this.start() },
      onStop: () => { void this.stop() },
      checkAttached: act => { this.#checkAttached(act) }
    })
    this.#observation = new Observation(this, components, init.clock)
    this.#observation.metrics = registerMetrics(components, this.#parts)
    this.history = this.#parts.history
    this.bans = this.#parts.bans
    this.#parts.install()
  }

  /** Called by libp2p: what was learnt in an earlier life is read before anything dials */
  async beforeStart (): Promise<void> {
    if (this.#begin()) {
      await this.#parts.stores.open()
    }
  }

  /** Called by libp2p, and by `attach` on a node that runs. Dials wait until what was learnt in an earlier life is read */
  start (): void {
    if (this.#begin()) {
      void this.#parts.stores.open()
    }
  }

  /** All that needs no waiting: what throws is thrown to whoever starts the node. Answers whether the dialer is in use */
  #begin (): boolean {
    if (this.#isDetached) {
      return false
    }

    this.#parts.watch()

    if (this.#life.signal.aborted) {
      this.#life = new AbortController()
    }

    return true
  }

  /** Called by libp2p: what was learnt is written. Dials are ended by the connection manager */
  async stop (): Promise<void> {
    this.#parts.stopWatching()
    this.#life.abort(new AbortError('The dialer was stopped'))
    await this.#parts.close()
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
      this.#parts.engine.attempts.sever()
      await sever(this.#components.connectionManager.getConnections(), this.#parts.clock, remote => Array.from(this.bans.matches(remote)).some(([, one]) => one === ban))
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
      return await bootstrap(parseBootstrapList(list), { ...init, signal }, this.#components.connectionManager, this.#parts.clock, this.#parts.settings.dialTimeout)
    } finally {
      signal.clear()
    }
  }

  /**
   * The connection to a peer that new streams take. Where no pipeline of the node has `converge()`, libp2p's own choice; undefined
   * where that would make a dial
   *
   * @throws InvalidParametersError for what is not a peer id
   */
  preferred (peerId: PeerId): Connection | undefined {
    checkValue('preferred()', peerId, PEER_ID, InvalidParametersError)

    return this.#parts.convergence.preferred(peerId) ?? findExisting(this.#components.connectionManager.getConnections(peerId), [])
  }

  /** The pipeline that dials run through */
  get pipeline (): DialPipeline {
    return this.#parts.engine.pipelines.current
  }

  /**
   * Replaces the pipeline, also for dials that wait for their turn. Dials that run are not affected
   *
   * @throws InvalidPipelineError for one that cannot dial; InvalidParametersError after `detach()`
   */
  use (pipeline: DialPipeline): void {
    this.#checkAttached('use() another pipeline')
    checkConnects(pipeline, 'use(adaptive())')
    this.#parts.engine.pipelines.current = pipeline
    this.#parts.convergence.isOn = converges(pipeline)
  }

  #checkAttached (what: string): void {
    if (this.#isDetached) {
      throw new InvalidParametersError(`Cannot ${what} after detach(): this dialer dials and denies nothing any more. Do so with the one that is attached`)
    }
  }

  /** Gives the node its own dialer back. Dials that run or wait are finished with the pipeline that they began with: `use()` moves those that wait to another */
  detach (): void {
    this.#isDetached = true
    void this.#parts.uninstall().then(async () => this.stop())
  }

  /**
   * Returns the traces of the latest dials, the newest last: those that have ended, then those that run
   * @param peerId default: of all peers, and of addresses without a peer id
   * @throws InvalidParametersError for what is not a peer id
   */
  traces (peerId?: PeerId): DialTrace[] {
    return this.#stories.traces(peerId)
  }

  /**
   * Returns what happened in a dial, as text: a line for each source and each address. Also of a dial that runs, or waits for its turn
   *
   * @param subject of its latest dial, or of the one that gave the connection or the error. Default: the latest dial of all
   * @param init.width characters of a line. Default: those of the terminal, or 100
   * @throws InvalidParametersError for a subject of another kind, and an unknown or wrong option
   */
  explain (subject?: ExplainSubject, init?: RenderTraceInit): string {
    return this.#stories.explain(subject, init)
  }

  /**
   * Resolves to what a dial would do now if nothing answered. Nothing is dialled or learnt. Routers, and sources that come last, are not asked
   *
   * @throws what a dial throws for its target and options, and the reason of the signal
   */
  async plan (target: DialTarget, options: DialPipelineOptions = {}): Promise<DialPlan> {
    return planDial(this.#parts.engine, target, options)
  }

  [INSPECT] (): object { return inspectDialer(this.#parts, !this.#isDetached) }

  #onConnected (connection: Connection, previous: Connection | undefined): void {
    this.#parts.convergence.accepted(connection)

    if (previous != null) {
      this.#observation.connectionAdded({ peerId: connection.remotePeer, connection, previous })
    }
  }

  override addEventListener<K extends keyof DialerEvents> (type: K, listener: EventHandler<DialerEvents[K]> | null, options?: boolean | AddEventListenerOptions): void {
    this.#observation.isWatched = true
    super.addEventListener(type, this.#observation.listeners.of(listener), options)
  }

  override removeEventListener<K extends keyof DialerEvents> (type: K, listener?: EventHandler<DialerEvents[K]> | null, options?: boolean | EventListenerOptions): void {
    super.removeEventListener(type, this.#observation.listeners.of(listener ?? null), options)
  }

  /** Undefined: nobody looks. Asked at each step of each dial */
  get #observer (): DialObserver | undefined {
    const { isWatched, log, events: { channels } } = this.#observation
    return isWatched || log.enabled || channels.some(({ hasSubscribers }) => hasSubscribers) ? this.#observation : undefined
  }
}
