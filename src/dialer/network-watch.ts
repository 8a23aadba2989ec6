import { Facts } from '../address/facts.ts'
import { Bounded } from '../pipeline/bounded.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Milliseconds between two looks */
const INTERVAL = 2_000

/** Milliseconds by which a wall clock jumps when a machine wakes. Less is a busy machine, or a clock that is corrected */
const LEAST_JUMP = 30_000

/** How often a host may come or go in a minute until it says nothing of the network */
const MAX_CHANGES = 2
const MINUTE = 60_000
const MAX_HOSTS = 256

export interface NetworkWatchInit {
  readonly clock: Clock
  /** Where a browser dispatches `online`; undefined elsewhere */
  readonly target?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  /** Milliseconds since the epoch; goes on while the machine sleeps */
  readonly wallTime: () => number
  readonly onChange: () => void
}

/**
 * Notices that the machine is in another network: a browser is online again, the node's own listen addresses have changed, or
 * the machine has slept
 */
export class NetworkWatch {
  readonly #components: { readonly transportManager: Pick<TransportManager, 'getAddrs'> }
  readonly #init: NetworkWatchInit
  #hosts?: Set<string>
  /** When hosts have come or gone lately: twice is to go and to return */
  readonly #changes = new Bounded<number[]>(MAX_HOSTS)
  /** By how much the wall clock was ahead of the monotonic one, which stands still while the machine sleeps */
  #ahead = 0
  #lookedAt = 0
  #cancel?: () => void

  constructor (components: { readonly transportManager: Pick<TransportManager, 'getAddrs'> }, init: NetworkWatchInit) {
    this.#components = components
    this.#init = init
  }

  start (): void {
    if (this.#cancel == null) {
      // what begins while a browser is offline fails at once, so that nothing begins anew before it is online
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
    this.#lookedAt = this.#init.wallTime()
    this.#ahead = this.#lookedAt - this.#init.clock.now()
    this.#cancel = this.#init.clock.setTimeout(() => { this.#look() }, INTERVAL)
  }

  #look (): void {
    const now = this.#init.wallTime()
    const drift = Math.abs(now - this.#init.clock.now() - this.#ahead)
    // where both clocks go on: but browsers wake the timers of a hidden page once a minute
    const delay = this.#init.target == null ? now - this.#lookedAt - INTERVAL : 0
    const jump = Math.max(drift, delay)
    const hasMoved = this.#hasMoved()
    this.#schedule()

    if (hasMoved || jump > LEAST_JUMP) {
      this.#init.onChange()
    }
  }

  #hasMoved (): boolean {
    const addresses = this.#addresses()

    // one that does not listen, or not yet, sees nothing
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

    // without an address there is no network to dial in
    return changed.length > 0 && hosts.size > 0
  }

  /** Whether a host that has come or gone did so once a minute at most: the bridges of containers come and go with those */
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

/** Relays come and go in one network, ports do not matter */
function hostsOf (addresses: readonly Multiaddr[]): Set<string> {
  const own = addresses.filter(address => !address.getComponents().some(({ name }) => name === 'p2p-circuit'))

  return new Set(own.flatMap(address => new Facts(address).host ?? []))
}
