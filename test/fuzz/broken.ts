import { CustomProgressEvent } from 'progress-events'
import { sleep } from '../../src/pipeline/clock.ts'
import { numberedAddress, PEERS } from './addresses.ts'
import { runCase as runSound } from './case.ts'
import { FakeConnection } from './fake-connection.ts'
import { never } from './fuzz-clock.ts'
import type { CaseResult } from './case.ts'
import type { Scene } from './scene.ts'
import type { DialSpec } from './script.ts'

/** A deliberate fault in a case, and the expected report of the harness */
export interface Break {
  what: string
  sabotage: (scene: Scene) => void
  expected: RegExp
}

const spec: DialSpec = { target: PEERS[0], pipeline: 'own', signal: 'own', options: {}, reason: new Error('left') }
const unheard = new AbortController().signal

async function spin (): Promise<void> {
  while (true) {
    await Promise.resolve()
  }
}

function replaceDial (scene: Scene, dial: (options: any) => Promise<any>): void {
  scene.engine.dial = async (_target, options) => dial(options)
  scene.callers.dial(spec)
}

/** The number of faults at the beginning of the list that only the end of their worker ends */
export const FREEZES = 2

export const BREAKS: readonly Break[] = [
  { what: 'a loop without end', sabotage: ({ clock }) => { clock.setTimeout(() => { while (true) {} }, 1) }, expected: /^frozen: silent for/ },
  { what: 'microtasks without end', sabotage: ({ clock }) => { clock.setTimeout(() => { void spin() }, 1) }, expected: /^frozen: silent for/ },
  { what: 'the end of the process', sabotage: ({ clock }) => { clock.setTimeout(() => { process.exit(1) }, 1) }, expected: /^the worker ended/ },
  { what: 'an engine that never answers', sabotage: scene => { replaceDial(scene, never) }, expected: /^a caller is still waiting/ },
  { what: 'an engine that answers too late', sabotage: scene => { replaceDial(scene, async () => sleep(20_000, scene.clock, unheard).then(() => { throw new Error('late') })) }, expected: /^a caller was told at 20000 ms, and its time was over at 14000 ms/ },
  { what: 'an engine that fails with a text', sabotage: scene => { replaceDial(scene, async () => { throw 'text' as unknown as Error }) }, expected: /^a caller was failed with text/ },
  { what: 'an engine that answers no connection', sabotage: scene => { replaceDial(scene, async () => 7) }, expected: /^a caller was given 7/ },
  { what: 'an engine that throws', sabotage: scene => {
    const { dial } = scene.engine
    scene.engine.dial = () => { throw new Error('threw') }
    scene.callers.dial(spec)
    scene.engine.dial = dial
  }, expected: /^dial\(\) threw Error: threw/ },
  { what: 'an event that is passed on twice', sabotage: scene => {
    replaceDial(scene, async options => {
      const event = new CustomProgressEvent('dial-queue:start-dial')
      options.onProgress(event)
      options.onProgress(event)
      throw new Error('no connection')
    })
  }, expected: /^a caller heard one dial-queue:start-dial event 2 times/ },
  { what: 'a listener that stays', sabotage: scene => {
    replaceDial(scene, async ({ signal }) => {
      signal.addEventListener('abort', () => {})
      throw new Error('no connection')
    })
  }, expected: /^1 listeners are left/ },
  { what: 'a timer that stays', sabotage: ({ clock }) => { clock.setTimeout(() => {}, Infinity) }, expected: /^1 timers are set/ },
  { what: 'timers without end', sabotage: ({ clock }) => {
    const again = (): void => { clock.setTimeout(again, 1) }
    again()
  }, expected: /^the case never came to rest/ },
  { what: 'a connection that nobody was given', sabotage: ({ network }) => { network.add(new FakeConnection(numberedAddress(1, PEERS[0]))) }, expected: /^1 connections are open/ },
  { what: 'an address that is attempted too often', sabotage: ({ ended, pipelines }) => {
    const attempts = [{ startedAt: 0, result: 'failed' }, { startedAt: 1, result: 'failed' }, { startedAt: 2, result: 'failed' }]
    const story = { addresses: new Map([['one', { candidate: { id: 'one' }, attempts }]]) }
    Object.assign(pipelines[0] as object, { outcomes: 2, starts: 3 })
    ended.push({ pipeline: pipelines[0]?.init, run: { story } } as any)
  }, expected: /^a dial attempted one 3 times, 3 with an outcome: 3 and 2 are allowed/ },
  { what: 'an attempt that begins anew and has left no place', sabotage: ({ ended, pipelines }) => {
    const attempts = [{ startedAt: 0, result: 'cancelled' }, { startedAt: 1, result: 'failed' }]
    const story = { addresses: new Map([['one', { candidate: { id: 'one' }, attempts }]]) }
    Object.assign(pipelines[0] as object, { outcomes: 1, starts: 1 })
    ended.push({ pipeline: pipelines[0]?.init, run: { story } } as any)
  }, expected: /^a dial attempted one 2 times, 1 with an outcome: 1 and 1 are allowed/ },
  { what: 'a transport that is asked too often', sabotage: ({ ended, pipelines, network }) => {
    const dial = { pipeline: pipelines[0]?.init }
    Object.assign(pipelines[0] as object, { starts: 1, calls: 2 })
    network.calls.set(dial, new Map([['one', 3]]))
    ended.push(dial as any)
  }, expected: /^a dial asked the transport for one 3 times: 2 are allowed/ },
  { what: 'a dial of a pipeline that is not of the case', sabotage: ({ ended }) => { ended.push({ pipeline: {} } as any) }, expected: /^a dial ended that ran no pipeline of the case/ },
  { what: 'a relay that never answers', sabotage: ({ nested }) => { nested.push({ options: {}, isNested: false }) }, expected: /^a transport is still waiting/ },
  { what: 'a rejection that nobody handles', sabotage: () => { void Promise.reject(new Error('lost')) }, expected: /^unhandled rejection: Error: lost/ },
  { what: 'an exception in a timer of the system', sabotage: () => { setImmediate(() => { throw new Error('thrown') }) }, expected: /^uncaught exception: Error: thrown/ },
  { what: 'an engine that dials no more', sabotage: scene => {
    scene.mend = () => { scene.engine.dial = async () => { throw new Error('poisoned') } }
  }, expected: /^a plain dial after the case ended with Error: poisoned/ },
  { what: 'a case that throws', sabotage: () => { throw new Error('the harness is broken') }, expected: /^the case threw Error: the harness is broken/ }
]

/** The seed of a case without faults of its own */
const SOUND = 1

/** Runs one fault for each seed from 1 on. The seed after the last fault runs the case without a fault */
export async function runCase (seed: number): Promise<CaseResult> {
  return { ...await runSound(SOUND, { sabotage: BREAKS[seed - 1]?.sabotage, only: [0] }), seed }
}
