import net from 'node:net'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import test from 'ava'
import { dialable, fromCaller, pipeline, provenance, race, stage } from '../../src/stages/index.ts'
import { foreign, HOSTILE, upgradesOf } from './hostile.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import type { AttemptLayer } from '../../src/stages/index.ts'
import type { Libp2p } from '@libp2p/interface'

/** A stage that reads its own dial option */
const reader = (seen: unknown[]) => stage('reader', dial => {
  seen.push((dial.options as any).ofTheReader)

  return ({ candidates }) => candidates
}, { options: ['ofTheReader'] })

test('only the caller\'s initiator and trace options reach the transport', async t => {
  const seen: unknown[] = []
  const [node, first, second] = await Promise.all([dialling(t, pipeline(fromCaller(), reader(seen), dialable(), race())), listening(t), listening(t)])
  const passed = watch(node)
  const controller = new AbortController()
  const trace = {}

  await node.dial(addressesOf(first), { initiator: true, trace, ofTheReader: 1, unheardOf: 2, signal: controller.signal } as object)
  await node.dial(addressesOf(second), { pipeline: pipeline(fromCaller(), dialable(), race()) })

  t.deepEqual(seen, [1])
  t.deepEqual(passed.map(options => Object.keys(options).toSorted()), [['initiator', 'onProgress', 'signal', 'trace'], ['onProgress', 'signal']])
  t.is(passed[0]?.['initiator'], true)
  t.is(passed[0]?.['trace'], trace)
  t.not(passed[0]?.['signal'], controller.signal)
})

for (const scheme of ['tcp', 'ws'] as const) {
  test.serial(`no option of a caller reaches a ${scheme} socket or the upgrader`, async t => {
    const [node, remote] = await Promise.all([
      dialling(t, pipeline(fromCaller(), dialable(), race()), { transports: [tcp(), webSockets()] }),
      listening(t, { listen: [`/ip4/127.0.0.1/tcp/0${scheme === 'ws' ? '/ws' : ''}`], transports: [tcp(), webSockets()] })
    ])
    const [address] = addressesOf(remote, scheme)
    const seen = await sockets(async () => {
      const upgrades = upgradesOf(node)
      leadsTo(t, await node.dial(address, HOSTILE), remote)

      return upgrades
    })
    const port = Number(address.getComponents().find(({ name }) => name === 'tcp')?.value)

    t.is(seen.upgrades.length, 1)
    t.deepEqual(foreign(seen.upgrades), [])

    if (scheme === 'tcp') {
      t.deepEqual(seen.connects.map(({ host, port }) => ({ host, port })), [{ host: '127.0.0.1', port }])
      t.deepEqual(foreign(seen.connects).filter(name => name !== 'host' && name !== 'port' && name !== 'keepAlive' && name !== 'noDelay'), [])
    } else {
      t.deepEqual(seen.webSockets, [`ws://127.0.0.1:${port}`])
    }
  })
}

test('an attempt layer can add transport options to its own attempt only', async t => {
  const layer: AttemptLayer = next => async (candidate, options) => next(candidate, { ...options, transport: { noDelay: false } })
  const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])
  const passed = watch(node)
  const plain = await node.dial(addressesOf(remote))
  const own = await node.dial(addressesOf(remote), { force: true, pipeline: pipeline(fromCaller(), dialable(), race({ attempt: [layer] })) })

  t.deepEqual([plain, own].map(({ status }) => status), ['open', 'open'])
  t.deepEqual(passed.map(({ noDelay }) => noDelay), [undefined, false])
})

test('initiator: false of a dial reaches the transport', async t => {
  const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])
  const passed = watch(node, async () => { throw new Error('enough') })

  await t.throwsAsync(node.dial(addressesOf(remote), { initiator: false } as object), { message: /^enough/ })

  t.deepEqual(passed.map(({ initiator }) => initiator), [false])
})

class Careful {
  get provenance (): string[] { return ['certified'] }
}

for (const [how, make] of Object.entries<() => object>({
  inherited: () => Object.create({ provenance: ['certified'] }),
  'a getter of a class': () => new Careful(),
  'not enumerable': () => Object.defineProperty({}, 'provenance', { value: ['certified'] })
})) {
  test(`a provenance option that is ${how} applies to openConnection() and dialQueue.dial()`, async t => {
    const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), provenance(), dialable(), race())), listening(t)])
    const { connectionManager } = (node as any).components
    const refused = { name: 'NoValidAddressesError', message: /dropped by provenance/ }

    await t.throwsAsync(connectionManager.openConnection(addressesOf(remote), make()), refused)
    await t.throwsAsync(connectionManager.dialQueue.dial(addressesOf(remote), make()), refused)
    leadsTo(t, await connectionManager.openConnection(addressesOf(remote)), remote)
  })
}

interface Seen {
  connects: Array<Record<string, unknown>>
  webSockets: string[]
  upgrades: Array<Record<string, unknown>>
}

/** Returns the arguments of `net.connect()`, `WebSocket` and the upgrader while `fn` runs. Serial: they are global */
async function sockets (fn: () => Promise<Array<Record<string, unknown>>>): Promise<Seen> {
  const connect = net.connect
  const OwnWebSocket = globalThis.WebSocket
  const connects: Seen['connects'] = []
  const webSockets: string[] = []

  net.connect = ((...args: any[]) => {
    connects.push({ ...args[0] })
    return (connect as any)(...args)
  }) as typeof net.connect
  globalThis.WebSocket = class extends OwnWebSocket {
    constructor (url: string | URL, ...rest: any[]) {
      super(url, ...rest)
      webSockets.push(String(url).replace(/\/$/, ''))
    }
  }

  try {
    return { connects, webSockets, upgrades: await fn() }
  } finally {
    net.connect = connect
    globalThis.WebSocket = OwnWebSocket
  }
}

/** Records the options of each dial of the transports */
function watch (node: Libp2p, dial?: (...args: unknown[]) => Promise<unknown>): Array<Record<string, unknown>> {
  const { transportManager } = (node as any).components
  const next = dial ?? transportManager.dial.bind(transportManager)
  const passed: Array<Record<string, unknown>> = []

  transportManager.dial = async (multiaddr: unknown, options: Record<string, unknown>) => {
    passed.push({ ...options })

    return next(multiaddr, options)
  }

  return passed
}

test('an option that no stage reads rejects also when an open connection would answer', async t => {
  const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])
  await node.dial(addressesOf(remote))

  await t.throwsAsync(node.dial(remote.peerId, { provenance: ['user'] }), { name: 'UnsupportedDialOptionError' })
})

for (const [what, options, message] of [
  ['the controller of its signal', { signal: new AbortController() }, 'The dial option "signal" needs an AbortSignal, not an AbortController'],
  ['a number as its signal', { signal: 1_000 }, 'The dial option "signal" needs an AbortSignal, not 1000'],
  ['a listener that is no function', { onProgress: 1 }, 'The dial option "onProgress" needs a function, not 1']
] as const) {
  test(`a dial with ${what} rejects`, async t => {
    const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])
    const expected = { name: 'InvalidParametersError', message }

    await t.throwsAsync(node.dial(addressesOf(remote), options as object), expected)
    await t.throwsAsync((node as any).components.connectionManager.dialQueue.dial(addressesOf(remote), options), expected)
    t.deepEqual(node.getConnections(), [])
  })
}

test('a dial with undefined or null as signal and onProgress connects', async t => {
  const [node, remote] = await Promise.all([dialling(t, pipeline(fromCaller(), dialable(), race())), listening(t)])

  for (const none of [undefined, null]) {
    leadsTo(t, await node.dial(addressesOf(remote), { signal: none, onProgress: none, force: true } as object), remote)
  }
})
