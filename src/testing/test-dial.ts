import { AbortError } from '@libp2p/interface'
import { checkConnects } from '../dialer/dials/pipelines.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { Judgements } from '../pipeline/judgements.ts'
import { listOf, MULTIADDR, OBJECT, PEER_ID, required } from '../pipeline/option-kinds.ts'
import { connect, listStagesOf } from '../pipeline/runtime/connect.ts'
import { Lists } from '../pipeline/runtime/lists.ts'
import { LiveTarget } from '../pipeline/runtime/live-target.ts'
import { prepare } from '../pipeline/runtime/make-stage.ts'
import { Part } from '../pipeline/runtime/part.ts'
import { StageDial } from '../pipeline/runtime/stage-dial.ts'
import { Story } from '../pipeline/runtime/story.ts'
import { checkStages } from '../pipeline/stage-order.ts'
import { promisedAttempt } from './promised-attempt.ts'
import { silentLogger } from './silent-logger.ts'
import type { PendingWork } from '../pipeline/runtime/dial-host.ts'
import type { Listing, Whole } from '../pipeline/stage-order.ts'
import type { AnyStage, Dial, DialComponents, DialPipelineOptions, List } from '../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Options of `testDial()` */
export interface TestDialInit {
  /** The components of the node, as `scriptedComponents()` returns them */
  components: DialComponents
  /** The peer to dial */
  peerId?: PeerId | undefined
  /** The addresses that the caller passed */
  multiaddrs?: readonly Multiaddr[] | undefined
  /** The options of the dial, as `node.dial()` takes them */
  options?: DialPipelineOptions | undefined
}

/** Y for a stage that the compiler knows. S itself for `AnyStage`, which is checked at run time only */
type IfKnown<S, Y> = AnyStage extends S ? S : Y

/** A dial without an engine, to test a stage or a pipeline on a scripted network */
export interface TestDial {
  /** The dial as a stage sees it */
  readonly dial: Dial
  /** The target of the dial. `add()` acts as a joining caller; `invalidate()` asks every stage again, as a failed attempt does */
  readonly target: LiveTarget
  /** The verdicts, times and outcomes of each address */
  readonly story: Story
  /** The connections that stages discarded */
  readonly discarded: Connection[]
  /**
   * Runs a pipeline, and yields its connections
   *
   * @throws InvalidPipelineError for a pipeline without a source or without a race
   */
  run<const S> (pipeline: IfKnown<S, Whole<S>>): AsyncGenerator<Connection>
  /**
   * Starts stages that yield candidates, and returns a function that makes the list anew. Pass `true` for the last call
   *
   * @throws InvalidPipelineError for a stage that yields connections
   */
  lists<const S extends readonly unknown[]> (...stages: { [K in keyof S]: IfKnown<S[K], Listing<S[K]>> }): (last?: boolean) => Omit<List, 'last'>
  /** Ends the dial: pending work is cancelled, and generators of `run()` return */
  end (): void
}

/**
 * Creates a dial without an engine, to test a stage or a pipeline
 *
 * ```ts
 * const { run, end } = testDial({ components: scriptedComponents({ clock, network, peerId }), multiaddrs: [multiaddr('/ip4/192.0.2.1/tcp/1')] })
 * const { value: connection } = await clock.until(run(pipeline(fromCaller(), race())).next())
 * end()
 * ```
 *
 * @param init the components of the node, the target and the options of the dial
 * @throws InvalidPipelineError without components, and for an unknown or wrong option
 */
export function testDial (init: TestDialInit): TestDial {
  checkArguments('testDial()', arguments, 1)
  checkOptions('testDial()', init, { components: required(OBJECT), peerId: PEER_ID, multiaddrs: listOf('multiaddrs', MULTIADDR), options: OBJECT })
  const { components, peerId, multiaddrs = [], options = {} } = init

  const target = new LiveTarget(peerId, multiaddrs)
  const story = new Story()
  const discarded: Connection[] = []
  const runs = new Set<AsyncGenerator<Connection>>()
  let pulled: PendingWork | undefined

  function discard (connection: Connection): void {
    discarded.push(connection)
    void connection.close()
  }

  const part = new Part({
    node: components,
    target,
    story,
    judgements: new Judgements(components, peerId),
    options,
    log: silentLogger.forComponent('test'),
    get awaited () { return [...pulled?.awaited ?? [], ...story.below] },
    onListPulled: (_list, lists) => { pulled = lists },
    attempt: ({ multiaddr }, listener) => {
      listener.onStart(components.clock.now())

      return promisedAttempt(async signal => components.transportManager.dial(multiaddr, { signal, onProgress: () => { listener.onFirstResponse(components.clock.now()) } }), listener, discard)
    },
    discard
  })

  return {
    dial: new StageDial(part, { name: 'test', options: Object.keys(options) }),
    target,
    story,
    discarded,
    run: pipeline => {
      const whole = pipeline as unknown as AnyStage
      checkConnects(whole, 'run(adaptive())')
      prepare(whole, components)
      const run = connect(whole, part)
      runs.add(run)

      return run
    },
    lists: (...stages) => {
      checkStages('lists()', 'candidates', ...stages)
      const lists = new Lists(part, undefined, listStagesOf(stages as unknown as readonly AnyStage[], part))

      return last => lists.take(last === true ? 'last' : undefined)
    },
    end: () => {
      part.end(new AbortError('The test has ended'))
      runs.forEach(run => { run.return(undefined).catch(() => {}) })
    }
  }
}
