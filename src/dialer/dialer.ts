import { InvalidParametersError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { TypedEventEmitter } from 'main-event'
import { parseBootstrapList } from '../address/bootstrap-list.ts'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { INSPECT } from '../pipeline/pipeline.ts'
import { PEER_ID } from '../pipeline/option-kinds.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { BAN_OPTIONS } from './dialer-init.ts'
import { BOOTSTRAP_OPTIONS, bootstrap } from './bootstrap.ts'
import { dialMetrics } from '../metrics/dial-metrics.ts'
import { registerGauges } from '../metrics/gauges.ts'
import { converges } from '../pipeline/runtime/make-stage.ts'
import { planDial } from './dials/plan-dial.ts'
import { checkConnects } from './dials/pipelines.ts'
import { explainDial, tracesOf } from './dials/explain-dial.ts'
import { findOpenConnection } from './dials/open-connections.ts'
import { sever } from './attempts/close-connections.ts'
import { DialerParts } from './parts.ts'
import type { DialerComponents, DialerInit, BanOptions } from './dialer-init.ts'
import type { DialerEvents } from './events/types.ts'
import type { BootstrapInit } from './bootstrap.ts'
import type { BootstrapAddress } from '../address/bootstrap-list.ts'
import type { BanTarget } from '../bans/target.ts'
import type { DialTarget } from './dials/target.ts'
import type { DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { DialPlan } from '../trace/plan.ts'
import type { ExplainSubject } from './dials/explain-dial.ts'
import type { RenderTraceInit } from '../trace/text.ts'
import type { DialTrace } from '../trace/types.ts'
import type { Connection, PeerId, Startable } from '@libp2p/interface'
import type { Bans } from '../bans/bans.ts'
import type { History } from '../history/history.ts'
import type { EventHandler } from 'main-event'

/** The dialer of a node, which replaces libp2p's own */
export class Dialer extends TypedEventEmitter<DialerEvents> implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline'

  /** Outcomes and response times of the addresses and peers that the node has dialled */
  readonly history: History

  /** The bans in force: list and remove them here. `isLoaded` is false until the persisted bans are read */
  readonly bans: Bans

  readonly #components: DialerComponents
  readonly #parts: DialerParts

  /**
   * @throws IncompatibleConnectionManagerError when the node's dialer cannot be replaced
   * @throws InvalidParametersError when the history or the bans are to be persisted and the node has no datastore
   */
  constructor (components: DialerComponents, pipeline: DialPipeline, init: DialerInit) {
    super()
    this.#components = components
    this.#parts = new DialerParts(components, pipeline, init, this)
    this.history = this.#parts.history
    this.bans = this.#parts.bans

    if (components.metrics != null) {
      const { engine, history, bans, observers } = this.#parts
      registerGauges(components.metrics, {
        dials: () => engine.dials.usage,
        slots: () => engine.attempts.slots.usage,
        path: kind => history.path(kind),
        backoffAddresses: () => history.networks.current.failing,
        addressBook: () => engine.components.addressBook?.usage,
        bans: () => bans.list().length
      }, safeLog(components.logger, 'libp2p:dial-pipeline'))
      observers.add(dialMetrics(components.metrics, history))
    }

    this.#parts.install()
  }

  /** Called by libp2p. Resolves when the persisted history and bans are read, 10 s later at the latest */
  async beforeStart (): Promise<void> {
    await this.#parts.start()
  }

  /** Called by libp2p, and by `attach` on a running node. Dials wait until the persisted history and bans are read */
  start (): void {
    void this.#parts.start()
  }

  /** Called by libp2p. Resolves when the history and the bans are written, 10 s later at the latest. The connection manager ends the dials */
  async stop (): Promise<void> {
    await this.#parts.stop()
  }

  /**
   * Denies connections to and from a peer, an address or a network for some time, whatever the pipeline. The ban is in force when
   * this returns. Repeating a ban never shortens it: remove it from `bans` first
   *
   * @param target a peer id, a multiaddr, or text: a peer id, a multiaddr, an IP address or a CIDR range. For an inbound connection its `remotePeer`:
   * its `remoteAddr` has the port of this connection only
   * @returns a promise that resolves when `sever` has closed the open connections. It does not wait until a persisted ban is written
   * @throws InvalidParametersError for a target that cannot be banned, for an unknown or wrong option, and after `detach()`
   */
  async ban (target: BanTarget, options: BanOptions): Promise<void> {
    checkOptions('ban()', options, BAN_OPTIONS, InvalidParametersError)
    const { for: ms, sever: isSevering = false } = options
    const ban = this.bans.add(target, ms)

    if (isSevering) {
      this.#parts.engine.attempts.sever()
      await sever(this.#components.connectionManager.getConnections(), this.#parts.clock, remote => Array.from(this.bans.matches(remote)).some(([, one]) => one === ban))
    }
  }

  /**
   * Connects the node to some peers of a list: a few at a time, of different operators or networks, in random order. Resolves when
   * `minConnections` peers are connected, or when every peer was tried and at least one is connected. When no peer is connected, tries the
   * list again after 1 s, 2 s, 4 s and so on, up to 60 s. Ends when a peer connects, the signal aborts or the node stops
   *
   * @returns the connections, including those that were already open
   * @throws InvalidParametersError for an unknown or wrong option, an empty list, and addresses that do not end in a peer id, and after
   * `detach()`; AbortError when the node stops or the dialer is detached; the signal's reason when the signal aborts
   */
  async bootstrap (list: readonly BootstrapAddress[], init: BootstrapInit = {}): Promise<Connection[]> {
    checkOptions('bootstrap()', init, BOOTSTRAP_OPTIONS, InvalidParametersError)
    this.#parts.checkAttached('bootstrap()')
    const signal = anySignal([init.signal, this.#parts.life.signal])

    try {
      const { connectionManager, logger } = this.#components
      const { clock, settings: { dialTimeout } } = this.#parts

      return await bootstrap(parseBootstrapList(list), { ...init, signal }, { connectionManager, clock, dialTimeout, log: safeLog(logger, 'libp2p:dial-pipeline:bootstrap') })
    } finally {
      signal.clear()
    }
  }

  /**
   * Returns the connection that new streams to a peer use: the one that `converge()` prefers, even a limited one, else libp2p's own
   * choice, an unlimited one. Undefined when there is none
   * @throws InvalidParametersError for a value that is not a peer id
   */
  preferred (peerId: PeerId): Connection | undefined {
    checkValue('preferred()', peerId, PEER_ID, InvalidParametersError)

    return this.#parts.convergence.preferred(peerId) ?? findOpenConnection(this.#components.connectionManager.getConnections(peerId), [])
  }

  /** Returns the pipeline of new dials */
  get pipeline (): DialPipeline {
    return this.#parts.engine.pipelines.current
  }

  /**
   * Replaces the pipeline. Queued dials use the new one. Dials that are already running are not affected
   * @throws InvalidPipelineError for a pipeline that cannot dial; InvalidParametersError after `detach()`
   */
  use (pipeline: DialPipeline): void {
    this.#parts.checkAttached('use() another pipeline')
    checkConnects(pipeline, 'use(adaptive())')
    this.#parts.engine.pipelines.current = pipeline
    this.#parts.convergence.isOn = converges(pipeline)
  }

  /** Restores libp2p's own dialer. Running and queued dials finish with this dialer. Call `use()` first to move the queued ones to another pipeline */
  detach (): void {
    void this.#parts.detach()
  }

  /**
   * Returns the traces of the latest dials, newest last: ended dials first, then running ones
   * @param peerId default: all peers, and addresses without a peer id
   * @throws InvalidParametersError for a value that is not a peer id
   */
  traces (peerId?: PeerId): DialTrace[] {
    return tracesOf(this.#parts.engine.dials, peerId)
  }

  /**
   * Returns a dial as text, with one line for each source and each address. The dial may also be running or queued
   *
   * @param subject a peer or an address, for its latest dial; a connection or an error, for the dial that made it. Default: the latest dial of all
   * @param init.width characters in a line. Default: those of the terminal, or 100
   * @throws InvalidParametersError for a subject of another type, and for an unknown or wrong option
   */
  explain (subject?: ExplainSubject, init?: RenderTraceInit): string {
    return explainDial(this.#parts.engine.dials, subject, init)
  }

  /**
   * Resolves to what a dial would do now if no address answered. Nothing is dialled or recorded. Routers, and sources with
   * `when: 'exhausted'`, are not asked
   *
   * @throws what a dial throws for its target and options; the signal's reason when the signal aborts
   */
  async plan (target: DialTarget, options: DialPipelineOptions = {}): Promise<DialPlan> {
    return planDial(this.#parts.engine, target, options)
  }

  /** Returns what `console.log` shows of a dialer: its pipeline and its current state */
  [INSPECT] (): object {
    const { engine, history, bans, isDetached } = this.#parts
    const { addresses, peers, failing } = history.networks.current
    const addressBook = engine.components.addressBook?.usage

    const shown = {
      isAttached: !isDetached,
      pipeline: this.pipeline,
      dials: engine.dials.usage,
      slots: engine.attempts.slots.usage,
      history: { addresses: [...addresses].length, peers: [...peers].length, failing },
      bans: bans.list().length,
      ...addressBook == null ? {} : { addressBook }
    }

    return Object.defineProperty(shown, Symbol.toStringTag, { value: this[Symbol.toStringTag] })
  }

  override addEventListener<K extends keyof DialerEvents> (type: K, listener: EventHandler<DialerEvents[K]> | null, options?: boolean | AddEventListenerOptions): void {
    this.#parts.observers.isWatched = true
    super.addEventListener(type, this.#parts.observers.listeners.of(listener), options)
  }

  override removeEventListener<K extends keyof DialerEvents> (type: K, listener?: EventHandler<DialerEvents[K]> | null, options?: boolean | EventListenerOptions): void {
    super.removeEventListener(type, this.#parts.observers.listeners.of(listener ?? null), options)
  }
}
