import { DialEngine } from '../../src/dialer/dial-engine.ts'
import { DialBarrier } from '../../src/dialer/dials/dial-barrier.ts'
import { BY_REACH } from '../../src/pipeline/convergence.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { GAVE_WAY } from '../../src/stages/race-waits.ts'
import { Callers } from './callers.ts'
import { randomComponents } from './components.ts'
import { FuzzClock } from './fuzz-clock.ts'
import { Network } from './networks.ts'
import { randomPipeline } from './pipelines.ts'
import { Random } from './random.ts'
import { performReaction } from './perform.ts'
import { randomScript } from './script.ts'
import type { Part } from './races.ts'
import type { Action } from './script.ts'
import type { FuzzComponents } from './components.ts'
import type { Moment } from './networks.ts'
import type { DialAttempt } from '../../src/dialer/dials/dial-attempt.ts'
import type { ObservedDial } from '../../src/metrics/observer.ts'
import type { NodeSettings } from '../../src/dialer/dials/dial-node.ts'
import type { SlotsInit } from '../../src/dialer/attempts/slots.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** A dial that a transport made for an attempt */
export interface NestedCall {
  options: { signal?: AbortSignal }
  isNested: boolean
  result?: PromiseSettledResult<Connection>
}

/** All parts of a case */
export interface Scene extends FuzzComponents {
  clock: FuzzClock
  network: Network
  engine: DialEngine
  settings: NodeSettings
  callers: Callers
  nested: NestedCall[]
  script: Action[]
  pipelines: Array<Part & { init: DialPipeline }>
  traits: Set<string>
  /** The connections that callers, transports and listeners received */
  given: Set<unknown>
  ended: ObservedDial[]
  /** The addresses whose attempts each dial has started again, once for each restart */
  begunAnew: Map<object, string[]>
  /** The times at which the script stopped the node */
  stops: number[]
  /** The number of dials that go on for a better connection, recorded whenever one more begins to */
  lingering: number[]
  onMoment: Set<(moment: Moment) => void>
}

function makeEngine (scene: Pick<Scene, 'components' | 'settings' | 'pipelines' | 'given' | 'ended' | 'stops' | 'clock'>, random: Random, emit: (moment: Moment) => void): DialEngine {
  const slots: SlotsInit = random.chance(0.5) ? {} : { node: random.pick([1, 2, 5, 160]), peer: random.pick([1, 2, 8]), prefix: random.pick([1, 3, 8]), transport: random.chance(0.3) ? { '@libp2p/tcp': 2 } : {} }
  const convergence = {
    ...BY_REACH,
    accepted: (connection: Connection) => {
      scene.given.add(connection)
      emit('connected')
    }
  }
  const observer = { dialEnded: (dial: ObservedDial) => { scene.ended.push(dial) } }
  const engine = new DialEngine(Object.assign(scene.components, { convergence }), scene.settings, (scene.pipelines[0] as Part).init as DialPipeline, {
    slots,
    observer: () => observer,
    onStop: () => { scene.stops.push(scene.clock.now()) }
  })

  if (random.chance(0.08)) {
    const barrier = new DialBarrier(() => undefined)
    engine.barrier = barrier
    void sleep(random.below(2_000), scene.clock, new AbortController().signal).then(() => {
      engine.barrier = undefined
      barrier.open()
    })
  }

  return engine
}

/** Records how many dials go on after their callers have a connection */
function watchLingering ({ dials: { lingering } }: DialEngine, counts: number[]): void {
  const add = lingering.add.bind(lingering)
  lingering.add = dial => {
    const mayLinger = add(dial)
    counts.push(lingering.size)

    return mayLinger
  }
}

/** Records which attempts each dial starts again after they released their slots to others */
function watchAnew ({ attempts }: DialEngine, begunAnew: Scene['begunAnew']): void {
  const join = attempts.join.bind(attempts)
  attempts.join = (candidate, participant) => {
    const { dial } = participant
    const onPrefixSlotsLeft = participant.onPrefixSlotsLeft.bind(participant)
    const attempt = participant as DialAttempt
    const cancel = attempt.cancel.bind(attempt)
    const note = (): void => { begunAnew.set(dial, [...begunAnew.get(dial) ?? [], candidate.id]) }

    return join(candidate, Object.assign(attempt, {
      onPrefixSlotsLeft: () => {
        note()
        onPrefixSlotsLeft()
      },
      cancel: (reason: Error) => {
        if (reason === GAVE_WAY) {
          note()
        }

        cancel(reason)
      }
    }))
  }
}

/** Creates the case of a seed. Nothing has run yet */
export function makeScene (seed: number): Scene {
  const random = new Random(seed)
  const clock = new FuzzClock(0)
  const network = new Network(seed, clock)
  const { components, mend } = randomComponents(seed, random, clock, network)
  const traits = new Set<string>()
  const settings: NodeSettings = { ...components.settings, dialTimeout: random.pick([10_000, 3_000]), maxParallelDials: random.pick([1, 2, 5, 100]), maxDialQueueLength: random.pick([3, 500, 500, 500]) }
  const onMoment = new Set<(moment: Moment) => void>()
  const emit = (moment: Moment): void => { onMoment.forEach(listener => { listener(moment) }) }
  const pipelines = Array.from({ length: 2 }, () => randomPipeline(random, traits, () => { emit('last-call') }))
  const own = { components, mend, settings, pipelines, clock, network, traits, onMoment, nested: [] as NestedCall[], given: new Set<unknown>(), ended: [] as ObservedDial[], begunAnew: new Map<object, string[]>(), stops: [] as number[], lingering: [] as number[] }
  const engine = makeEngine(own, random, emit)
  watchAnew(engine, own.begunAnew)
  watchLingering(engine, own.lingering)

  const callers = new Callers(engine, clock, {
    pipelines: { own: pipelines[0]?.init as DialPipeline, other: pipelines[1]?.init as DialPipeline, nonsense: random.pick<any>([{}, 'text', 7, () => {}, []]) },
    onEvent: () => { emit('event') },
    onSettled: () => { emit('settled') },
    react: call => { performReaction(scene, call) }
  })
  const scene: Scene = { ...own, engine, callers, script: randomScript(random) }

  network.onMoment = emit
  network.dialRelay = async (peer, options) => {
    const nested: NestedCall = { options, isNested: Object.keys(options).length > 0 }
    scene.nested.push(nested)
    const [result] = await Promise.allSettled([engine.dial(peer, options)])
    nested.result = result

    if (result.status === 'rejected') {
      throw result.reason
    }

    return result.value
  }

  return scene
}
