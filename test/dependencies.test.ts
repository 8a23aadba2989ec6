// a task for each of some packages that works with the package, and fails without it
import { glob, readFile } from 'node:fs/promises'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { without } from './dependencies/removable.ts'
import { root } from './support/root.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const { address } = await import('./helpers/address.ts')
const { engineWorld } = await import('./helpers/scripted.ts')
const { newPeer } = await import('./helpers/signing-peer.ts')
const { bootstrap } = await import('../src/dialer/bootstrap.ts')
const { RecordStore } = await import('../src/datastore/record-store.ts')
const { silentLogger } = await import('../src/testing/silent-logger.ts')
const { VirtualClock } = await import('../src/testing/index.ts')
const { sleep } = await import('../src/pipeline/clock.ts')
const { attemptTimeout, fromCaller, pipeline, race, resolve, sequential, source } = await import('../src/stages/index.ts')

const peer = await newPeer()
const { signal } = new AbortController()

interface Job {
  /** Source file that imports the package for this */
  importedBy: string
  run (): Promise<unknown>
  expected: unknown
}

const JOBS: Record<string, Job> = {
  'p-queue orders attempts for the slots of the node by priority': {
    importedBy: 'src/dialer/attempts/gates.ts',
    run: async () => {
      const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race()), { 1: { connects: 10 }, 2: { connects: 10 }, 3: { connects: 10 } }, { slots: { node: 1 } })
      const dials = [[1, 50], [2, 10], [3, 90]].map(async ([n = 0, priority]) => engine.dial(address(n, await newPeer()), { priority }))
      await clock.until(Promise.all(dials))

      return network.dialled
    },
    expected: [1, 3, 2].map(n => address(n).toString())
  },
  'any-signal ends an attempt with its dial and with its own time': {
    importedBy: 'src/pipeline/time-limit.ts',
    run: async () => {
      const { engine, clock, network } = engineWorld(pipeline(fromCaller(), sequential(), race({ attempt: [attemptTimeout(100)] })))
      const controller = new AbortController()
      const dial = engine.dial([address(1, peer), address(2, peer)], { signal: controller.signal })
      await clock.advance(150)
      controller.abort(new Error('left'))
      await dial.catch(() => {})
      await engine.dials.idle()

      return network.attempts.map(({ at, signal }) => [at, signal.aborted, signal.reason?.name])
    },
    expected: [[0, true, 'TimeoutError'], [100, true, 'AbortError']]
  },
  'abortable-iterator ends a source that hangs with the dial': {
    importedBy: 'src/pipeline/runtime/answers.ts',
    run: async () => {
      const found = source('found', async function * () {
        yield address(1)
        await new Promise(() => {})
      })
      const { engine, clock } = engineWorld(pipeline(found, race()), { 1: { connects: 10 } })
      await clock.until(engine.dial(peer))
      await engine.dials.idle()

      return clock.now()
    },
    expected: 10
  },
  'it-parallel resolves names concurrently': {
    importedBy: 'src/stages/resolve.ts',
    run: async () => {
      const answers: Record<string, Multiaddr[]> = { '/dnsaddr/all': ['a', 'b', 'c'].map(name => multiaddr(`/dnsaddr/${name}`)), '/dnsaddr/c': [address(1)] }
      const { engine, clock } = engineWorld(pipeline(fromCaller(), resolve({
        resolvers: {
          dnsaddr: {
            canResolve: one => one.toString().startsWith('/dnsaddr/'),
            resolve: async one => sleep(100, clock, signal).then(() => answers[one.toString().replace(/\/p2p\/.*/, '')] ?? [])
          }
        }
      }), race()), { 1: { connects: 10 } })
      await clock.until(engine.dial(multiaddr(`/dnsaddr/all/p2p/${peer.toString()}`)))

      return clock.now()
    },
    expected: 210
  },
  'it-parallel dials several peers of a bootstrap list at once': {
    importedBy: 'src/dialer/bootstrap.ts',
    run: async () => bootstrapped([{ connects: 100 }, { connects: 100 }], 2),
    expected: 100
  },
  'p-retry repeats a bootstrap until a peer is connected': {
    importedBy: 'src/dialer/bootstrap.ts',
    run: async () => bootstrapped([{ connects: 100 }], 1, 500).then(ms => ms > 500 && ms < 2_000),
    expected: true
  },
  'p-retry asks a datastore again that has failed': {
    importedBy: 'src/datastore/record-store.ts',
    run: async () => {
      const clock = new VirtualClock(0)
      const reads: number[] = []
      const datastore = Object.assign(new MemoryDatastore(), {
        query: (): any => {
          if (reads.push(clock.now()) < 3) {
            throw new Error('locked')
          }

          return []
        }
      })
      const records = { has: () => false, encode: () => undefined, restore: (name: string) => name }
      void new RecordStore({ datastore, clock, log: silentLogger.forComponent('test'), records, title: 'letters', prefix: '/letters/', version: 1, delay: 0, maxRead: 10 }).open()
      await clock.advance(60_000)

      return reads
    },
    expected: [0, 1_000, 3_000]
  }
}

/** Bootstraps with one address per peer. Returns the time of the last connection in milliseconds. The network is down until `downUntil` */
async function bootstrapped (scripts: ReadonlyArray<{ connects: number }>, minConnections: number, downUntil = 0): Promise<number> {
  const { engine, clock, network, components } = engineWorld(pipeline(fromCaller(), race()))
  const peers = await Promise.all(scripts.map(async (script, i) => {
    const peerId = await newPeer()
    network.script(address(i + 1).toString(), downUntil > 0 ? { refuses: 1 } : script)
    clock.setTimeout(() => { network.script(address(i + 1).toString(), script) }, downUntil)

    return { peerId, operator: `${i}.example`, multiaddrs: [address(i + 1, peerId)] }
  }))
  const connectionManager = { ...components.connectionManager, openConnection: engine.dial.bind(engine) }
  await clock.until(bootstrap(peers as any, { signal, minConnections }, { connectionManager: connectionManager as any, clock, log: components.logger.forComponent('test'), dialTimeout: 10_000 }))

  return clock.now()
}

for (const [job, { importedBy, run, expected }] of Object.entries(JOBS)) {
  const name = job.split(' ')[0] as string

  test.serial(job, async t => {
    t.regex(await readFile(`${root}/${importedBy}`, 'utf8'), new RegExp(`^import .* from '${name}'$`, 'm'))
    t.deepEqual(await run(), expected)
    t.notDeepEqual(await without(name, run).catch((err: unknown) => err), expected)
    t.deepEqual(await run(), expected)
  })
}

test('the sources import exactly the dependencies of package.json', async t => {
  const { dependencies, peerDependencies } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as Record<string, Record<string, string>>
  const imported = new Set<string>()

  for await (const file of glob('{src,presets}/**/*.ts', { cwd: root })) {
    for (const [, name = ''] of (await readFile(`${root}/${file}`, 'utf8')).matchAll(/^(?:import|export) .*from '((?:@[^/']+\/)?[^./'][^/']*)/gm)) {
      imported.add(name)
    }
  }

  t.deepEqual([...imported].filter(name => !name.startsWith('node:')).toSorted(), Object.keys({ ...dependencies, ...peerDependencies }).toSorted())
})
