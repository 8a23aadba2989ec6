import { Facts } from '../address/facts.ts'
import { Bounded } from '../pipeline/bounded.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Milliseconds between two checks */
const INTERVAL = 2_000

/** Smallest jump of the wall clock that counts as a sleep, in milliseconds. A busy machine or a corrected clock causes smaller jumps */
const MIN_JUMP = 30_000

/** Number of times that a host may appear or disappear in a minute. After that, its changes are ignored */
const MAX_CHANGES = 2
const MINUTE = 60_000
const MAX_HOSTS = 256

export interface NetworkWatchInit {
  readonly clock: Clock
  /** The target of a browser's `online` event. Undefined outside browsers */
  readonly target?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  /** Returns milliseconds since the epoch. This clock runs on while the machine sleeps */
  readonly wallTime: () => number
  readonly onChange: () => void
}

/**
 * Detects that the machine has moved to another network: a browser is online again, the node's listen addresses have changed, or
 * the machine has slept
 */
export class NetworkWatch {
  readonly #components: { readonly transportManager: Pick<TransportManager, 'getAddrs'> }
  readonly #init: NetworkWatchInit
  #hosts?: Set<string>
  /** Times at which each host appeared or disappeared within the last minute */
  readonly #changes = new Bounded<number[]>(MAX_HOSTS)
  #cancel?: () => void

  constructor (components: { readonly transportManager: Pick<TransportManager, 'getAddrs'> }, init: NetworkWatchInit) {
    this.#components = components
    this.#init = init
  }

  start (): void {
    if (this.#cancel == null) {
      // `offline` needs no listener: dials of an offline browser fail at once, so nothing needs a restart before `online`
      this.#init.target?.addEventListener('online', this.#onOnline)
      this.#schedule()
    }
  }

  stop (): void {
    this.#init.target?.removeEventListener('online', this.#onOnline)
    this.#cancel?.()
    this.#cancel = undefined
  }

  readonly #onOnline = (): void => { this.#init.onChange() }

  #schedule (): void {
    const lookedAt = this.#init.wallTime()
    const ahead = lookedAt - this.#init.clock.now()
    this.#cancel = this.#init.clock.setTimeout(() => { this.#look(lookedAt, ahead) }, INTERVAL)
  }

  /**
   * @param lookedAt the wall time of the look before, in milliseconds since the epoch
   * @param ahead the difference of the wall clock to the monotonic clock then. The monotonic clock may stand still while the machine sleeps
   */
  #look (lookedAt: number, ahead: number): void {
    const now = this.#init.wallTime()
    const drift = Math.abs(now - this.#init.clock.now() - ahead)
    // a late timer counts too, because on some platforms both clocks run on during a sleep. Browsers delay the timers of hidden pages by a minute
    const delay = this.#init.target == null ? now - lookedAt - INTERVAL : 0
    const jump = Math.max(drift, delay)
    const hasMoved = this.#hasMoved()
    this.#schedule()

    if (hasMoved || jump > MIN_JUMP) {
      this.#init.onChange()
    }
  }

  #hasMoved (): boolean {
    const addresses = this.#addresses()

    // a node that does not listen, or not yet, cannot see a move
    if (addresses.length === 0) {
      return false
    }

    const before = this.#hosts
    const hosts = hostsOf(addresses)
    this.#hosts = hosts

    if (before == null) {
      return false
    }

    const changed = [...[...before].filter(host => !hosts.has(host)), ...[...hosts].filter(host => !before.has(host))].filter(host => this.#isSteady(host))

    // without any address there is no network to dial in
    return changed.length > 0 && hosts.size > 0
  }

  /** Returns whether a changed host changes rarely. The bridge of a container network appears and disappears with its container */
  #isSteady (host: string): boolean {
    const now = this.#init.clock.now()
    const lately = (this.#changes.get(host) ?? []).filter(at => now - at < MINUTE)
    this.#changes.set(host, [...lately, now].slice(-MAX_CHANGES))

    return lately.length < MAX_CHANGES
  }

  #addresses (): Multiaddr[] {
    try {
      return this.#components.transportManager.getAddrs()
    } catch {
      return []
    }
  }
}

/** Returns the listen hosts. Relayed addresses and ports are ignored: they change within one network */
function hostsOf (addresses: readonly Multiaddr[]): Set<string> {
  const own = addresses.filter(address => !address.getComponents().some(({ name }) => name === 'p2p-circuit'))

  return new Set(own.flatMap(address => new Facts(address).host ?? []))
}
