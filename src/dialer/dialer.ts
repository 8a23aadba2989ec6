import { InvalidParametersError } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { History } from '../history/history.ts'
import { HistoryStore } from '../history/store.ts'
import { systemClock } from '../pipeline/clock.ts'
import { Recent } from '../trace/recent.ts'
import { renderTrace } from '../trace/text.ts'
import { checkConnects } from './check-connects.ts'
import { closeFailedUpgrades } from './close-failed-upgrades.ts'
import { Engine } from './engine.ts'
import { install } from './install.ts'
import { checkSwappable, settingsOf } from './stock-queue.ts'
import { traceOf } from './trace-of.ts'
import type { Dialing } from './dialing.ts'
import type { SlotsInit } from './slots.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { DialComponents, DialPipeline } from '../pipeline/types.ts'
import type { HistoryInit } from '../history/history.ts'
import type { DialTrace } from '../trace/types.ts'
import type { Connection, PeerId, Startable, Upgrader } from '@libp2p/interface'
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
export type DialerComponents = Omit<DialComponents, 'clock' | 'settings' | 'history'> & {
  readonly upgrader: Upgrader
  /** For a history that is kept */
  readonly datastore?: Datastore
}

export interface DialerEvents {
  /** A dial connected over a better address than the one that its callers were given */
  'connection:preferred': CustomEvent<{ peerId: PeerId, previous: Connection, preferred: Connection }>
  /** A dial has ended, and its connections are settled */
  'dial:end': CustomEvent<DialTrace>
}

/** The dialer of a node, in the place of libp2p's own */
export class Dialer extends TypedEventEmitter<DialerEvents> implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline'

  /** What the node has learnt by dialling */
  readonly history: History

  readonly #engine: Engine
  readonly #recent: Recent<Dialing>
  readonly #events: DialerComponents['events']
  readonly #store?: HistoryStore
  readonly #detach: () => void
  #isDetached = false

  /**
   * @throws IncompatibleConnectionManagerError where the node's dialer cannot be replaced
   * @throws InvalidParametersError where its history is to be kept and there is no datastore
   */
  constructor (components: DialerComponents, pipeline: DialPipeline, init: DialerInit = {}) {
    super()
    const { connectionManager } = components
    checkSwappable(connectionManager)
    checkConnects(pipeline)

    const { clock = systemClock } = init
    const settings = settingsOf(connectionManager.dialQueue)
    this.#recent = new Recent(init.traces)
    this.#events = components.events
    this.history = new History(clock, init.history)

    if (init.history?.persist === true) {
      this.#store = new HistoryStore(this.history.networks, datastoreOf(components), clock, components.logger.forComponent('libp2p:dial-pipeline:history'))
    }

    this.#engine = new Engine(ownComponents(components, { clock, settings, history: this.history }), settings, pipeline, init.slots ?? {}, {
      onConnected: (_dial, preferred, previous) => {
        if (previous != null) {
          this.safeDispatchEvent('connection:preferred', { detail: { peerId: preferred.remotePeer, previous, preferred } })
        }
      },
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

    const detach = install(connectionManager, this.#engine)
    const restoreUpgrader = closeFailedUpgrades(components.upgrader, clock)

    this.#detach = () => {
      detach()
      this.#isDetached = true
      this.#events.removeEventListener('connection:open', this.#onConnection)
      void this.#engine.idle().then(async () => {
        restoreUpgrader()
        await this.stop()
      })
    }
  }

  /** Called by libp2p: what was learnt in an earlier life is read before anything dials */
  async beforeStart (): Promise<void> {
    this.start()
    await this.#engine.ready
  }

  /** Called by libp2p, and by `attach` on a node that runs. Dials wait until what was learnt in an earlier life is read */
  start (): void {
    if (this.#isDetached) {
      return
    }

    // more than once is once
    this.#events.addEventListener('connection:open', this.#onConnection)
    const ready = this.#store?.open()

    if (ready != null) {
      this.#engine.ready = ready
      void ready.then(() => { this.#engine.ready = undefined })
    }
  }

  /** Called by libp2p: what was learnt is written. Dials are ended by the connection manager */
  async stop (): Promise<void> {
    this.#events.removeEventListener('connection:open', this.#onConnection)
    await this.#store?.close()
  }

  readonly #onConnection = ({ detail }: CustomEvent<Connection>): void => {
    this.history.connected(detail.remotePeer)
  }

  /** The pipeline that dials run through */
  get pipeline (): DialPipeline {
    return this.#engine.pipeline
  }

  /** Has dials that begin from now on run through another pipeline */
  use (pipeline: DialPipeline): void {
    checkConnects(pipeline)
    this.#engine.pipeline = pipeline
  }

  /** Gives the node its own dialer back. Dials that run are finished */
  detach (): void {
    this.#detach()
  }

  /** The latest dials, the newest last; of one peer, or of all */
  traces (peerId?: PeerId): DialTrace[] {
    return [...this.#recent.items, ...this.#engine.running]
      .filter(({ requested }) => peerId == null || requested.peerId?.equals(peerId) === true)
      .flatMap(dial => traceOf(dial) ?? [])
  }

  /** What happened to each address in the latest dial of a peer, and why, as text to read */
  explain (peerId: PeerId): string {
    const trace = this.traces(peerId).at(-1)

    return trace == null ? `no dial of ${peerId.toString()} is known` : renderTrace(trace)
  }
}

function datastoreOf (components: DialerComponents): Datastore {
  let datastore: Datastore | undefined

  try {
    datastore = components.datastore
  } catch {
    // libp2p's components throw where there is none
  }

  if (typeof datastore?.batch !== 'function') {
    throw new InvalidParametersError('history.persist needs a datastore, and this node has none: pass one to createLibp2p()')
  }

  return datastore
}

/** Copied once: libp2p's own components are a slow proxy that throws on names it does not know */
function ownComponents (components: DialerComponents, own: Pick<DialComponents, 'clock' | 'settings' | 'history'>): DialComponents {
  const { peerId, peerStore, peerRouting, transportManager, connectionManager, connectionGater, events, logger, dns } = components

  return { peerId, peerStore, peerRouting, transportManager, connectionManager, connectionGater, events, logger, dns, ...own }
}
