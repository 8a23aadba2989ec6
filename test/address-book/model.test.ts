import { fc, testProp } from '@fast-check/ava'
import { ttlOf } from '../../src/address-book/ttl.ts'
import { dose } from '../support/dose.ts'
import { addr, HOUR, MINUTE, newPeers, node } from './kit.ts'
import type { Pin } from '../../src/address-book/pins/pin.ts'
import type { Connection, PeerId } from '@libp2p/interface'

const CONFIGURED = ['user', 'bootstrap']
const HEARSAY = new Set(['dht', 'routing', 'pubsub'])

/** A naive address book: one list, searched linearly */
class Model {
  said: Array<{ peer: number, address: number, source: string, reporter: number, lastSeen: number, expires: number }> = []
  pins: Array<{ peer: number, address: number | undefined, expires: number, ttl: number, isWaiting: boolean }> = []
  /** Addresses that only a pin or a connection keeps */
  kept = new Set<string>()
  /** When another peer answered, by address */
  invalid = new Map<string, number>()
  open: Array<{ peer: number, address: number }> = []

  isUsed (peer: number, address: number): boolean {
    return this.open.some(one => one.peer === peer && one.address === address)
  }

  isConnected (peer: number): boolean {
    return this.open.some(one => one.peer === peer)
  }

  isPinned (peer: number, address: number): boolean {
    return this.pins.some(pin => pin.peer === peer && (pin.address ?? address) === address)
  }

  pass (now: number): void {
    this.pins = this.pins.filter(({ expires }) => expires > now)
    this.said = this.said.filter(({ peer, address, source, expires }) => {
      return expires > now || this.isUsed(peer, address) || this.isPinned(peer, address) || (this.isConnected(peer) && source === 'identify')
    })
    this.said.forEach(({ peer, address }) => this.kept.add(`${peer} ${address}`))
    this.invalid = new Map([...this.invalid].filter(([, at]) => at + HOUR > now))

    for (const key of this.kept) {
      const [peer, address] = key.split(' ').map(Number) as [number, number]

      if (!this.isUsed(peer, address) && !this.isPinned(peer, address) && !this.said.some(one => one.peer === peer && one.address === address)) {
        this.kept.delete(key)
        this.invalid.delete(key)
      }
    }
  }

  invalidate (peer: number, address: number, now: number): void {
    const key = `${peer} ${address}`
    const isMeant = (one: { peer: number, address?: number | undefined }): boolean => one.peer === peer && one.address === address
    this.said = this.said.filter(one => !isMeant(one) || !HEARSAY.has(one.source))

    if (this.said.some(isMeant) || this.pins.some(isMeant)) {
      this.invalid.set(key, now)
    } else {
      this.kept.delete(key)
      this.invalid.delete(key)
    }
  }

  /** Returns the addresses of a peer with their valid reports */
  known (peer: number): Map<string, string[]> {
    const known = new Map<string, string[]>()

    for (const key of this.kept) {
      const address = Number(key.split(' ')[1])
      const since = this.invalid.get(key)
      const valid = this.said.filter(one => one.peer === peer && one.address === address && (since == null || one.lastSeen > since || CONFIGURED.includes(one.source)))

      if (key.startsWith(`${peer} `) && (since == null || valid.length > 0)) {
        known.set(addr(address).toString(), valid.map(({ source, reporter }) => `${source} ${reporter === -1 ? undefined : reporters[reporter]}`))
      }
    }

    return known
  }

  disconnect (peer: number, now: number, used: readonly number[]): void {
    for (const pin of this.pins.filter(pin => pin.peer === peer && pin.isWaiting)) {
      pin.expires = now + pin.ttl
      pin.isWaiting = false
    }

    for (const one of this.said.filter(one => one.peer === peer && !this.isPinned(peer, one.address))) {
      const others = this.said.filter(({ peer, address }) => peer === one.peer && address === one.address)
      const isHeld = used.includes(one.address) || one.source === 'identify'

      if (others.every(({ source }) => !CONFIGURED.includes(source))) {
        one.expires = Math.min(isHeld ? Infinity : one.expires, now + 10 * MINUTE)
      }
    }
  }
}

const peers = await newPeers(3)
const reporters = await newPeers(2)
const peer = fc.nat(1)
// fewer than the limit of observed addresses per peer
const address = fc.nat(3)
const source = fc.constantFrom('user', 'identify', 'dht', 'routing', 'pubsub', 'bootstrap', 'mine')

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('observe' as const), peer, addresses: fc.array(address, { minLength: 1, maxLength: 3 }), source, reporter: fc.integer({ min: -1, max: 1 }) }) },
  fc.record({ kind: fc.constant('removeReports' as const), peer: fc.integer({ min: -1, max: 1 }), source }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.oneof(fc.nat(200), fc.nat(5_000)) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pin' as const), peer, address: fc.option(address, { nil: undefined }), seconds: fc.integer({ min: 1, max: 5_000 }) }) },
  fc.record({ kind: fc.constant('release' as const), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('invalidate' as const), peer, address }),
  fc.record({ kind: fc.constant('connect' as const), peer, address }),
  fc.record({ kind: fc.constant('disconnect' as const), which: fc.nat(5) })
)

testProp('after random operations the book equals a naive model', [fc.array(step, { maxLength: 40 })], async (t, steps) => {
  const { book, clock, connect, disconnect } = node()
  const model = new Model()
  const owner = book.owner('test')
  const connections: Array<{ connection: Connection, peer: number, address: number }> = []
  const pins: Array<{ pin: Pin, of: Model['pins'][number] }> = []
  const peerOf = (n: number): PeerId => peers[n] as PeerId

  // the book hears of connections once it is started
  await book.start()

  for (const step of steps) {
    const now = clock.now()

    if (step.kind === 'observe') {
      const reporter = step.reporter === -1 ? undefined : reporters[step.reporter]
      t.is(book.observe(peerOf(step.peer), step.addresses.map(addr), { source: step.source, reporter }), step.addresses.length)

      for (const address of step.addresses) {
        const known = model.said.find(one => one.peer === step.peer && one.address === address && one.source === step.source && one.reporter === step.reporter)
        const expires = now + ttlOf(step.source)

        if (known == null) {
          model.said.push({ peer: step.peer, address, source: step.source, reporter: step.reporter, lastSeen: now, expires })
        } else {
          known.lastSeen = now
          known.expires = Math.max(known.expires, expires)
        }

        if ([...CONFIGURED, 'identify'].includes(step.source)) {
          model.invalid.delete(`${step.peer} ${address}`)
        }
      }
    } else if (step.kind === 'removeReports') {
      const isMeant = ({ peer, source }: Model['said'][number]): boolean => source === step.source && (step.peer === -1 || peer === step.peer)
      t.is(book.removeReports(step.source, { peer: step.peer === -1 ? undefined : peerOf(step.peer) }), model.said.filter(isMeant).length)
      model.said = model.said.filter(one => !isMeant(one))
    } else if (step.kind === 'pass') {
      await clock.advance(step.seconds * 1_000)
    } else if (step.kind === 'pin') {
      const isWaiting = model.isConnected(step.peer)
      const ttl = step.seconds * 1_000
      const of = { peer: step.peer, address: step.address, ttl, isWaiting, expires: isWaiting ? Infinity : now + ttl }
      pins.push({ of, pin: owner.pin(peerOf(step.peer), { addresses: step.address == null ? undefined : [addr(step.address)], ttl }) })
      model.pins.push(of)

      if (step.address != null) {
        model.kept.add(`${step.peer} ${step.address}`)
      }
    } else if (step.kind === 'release') {
      const { pin, of } = pins[step.which % Math.max(1, pins.length)] ?? {}
      pin?.release()
      model.pins = model.pins.filter(one => one !== of)
    } else if (step.kind === 'invalidate') {
      book.invalidate(peerOf(step.peer), addr(step.address))
      model.invalidate(step.peer, step.address, now)
    } else if (step.kind === 'connect') {
      model.pass(now)
      const known = model.said.find(one => one.peer === step.peer && one.address === step.address && one.source === 'observed')
      const expires = now + ttlOf('observed')

      if (known != null) {
        known.lastSeen = now
        known.expires = Math.max(known.expires, expires)
      } else {
        model.said.push({ peer: step.peer, address: step.address, source: 'observed', reporter: -1, lastSeen: now, expires })
      }

      connections.push({ connection: connect(peerOf(step.peer), addr(step.address), 'inbound'), peer: step.peer, address: step.address })
      model.open.push({ peer: step.peer, address: step.address })
    } else if (step.kind === 'disconnect' && connections.length > 0) {
      const i = step.which % connections.length
      const [closed] = connections.splice(i, 1)
      const used = model.open.filter(({ peer }) => peer === closed?.peer).map(({ address }) => address)
      const isLast = used.length === 1
      model.pass(now)
      model.open.splice(i, 1)
      disconnect(closed?.connection as Connection)

      if (isLast) {
        model.disconnect(closed?.peer ?? NaN, now, used)
      }
    }

    model.pass(clock.now())

    for (const peer of [0, 1]) {
      const actual = new Map(book.query(peerOf(peer)).map(({ multiaddr, provenance }) => [multiaddr.toString(), provenance.map(({ source, reporter }) => `${source} ${reporter}`)]))

      t.deepEqual(sorted(actual), sorted(model.known(peer)), `${JSON.stringify(step)} ${peer}`)
    }

    t.deepEqual(pins.map(({ pin }) => pin.state === 'held'), pins.map(({ of }) => model.pins.includes(of)))
    t.is(owner.usage.pins, model.pins.length)
  }

  await book.stop()
  t.is(clock.pending, 0)
}, { numRuns: dose(500) })

function sorted (known: ReadonlyMap<string, string[]>): Array<[string, string[]]> {
  return [...known].map(([address, said]): [string, string[]] => [address, said.toSorted()]).toSorted(([a], [b]) => a < b ? -1 : 1)
}
