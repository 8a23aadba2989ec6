import { AbortError } from '@libp2p/interface'
import { checkOptions } from '../pipeline/check-options.ts'
import { Judgements } from '../pipeline/judgements.ts'
import { LiveTarget } from '../pipeline/live-target.ts'
import { listOf, MULTIADDR, OBJECT, PEER_ID, required } from '../pipeline/option-kinds.ts'
import { make, runScope } from '../pipeline/run.ts'
import { StageDial } from '../pipeline/stage-dial.ts'
import { Story } from '../pipeline/story.ts'
import { silentLogger } from './silent-logger.ts'
import type { AnyStageInit, Dial, DialComponents, DialPipelineOptions, List, Target } from '../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface TestDialInit {
  components: DialComponents
  peerId?: PeerId
  multiaddrs?: readonly Multiaddr[]
  options?: DialPipelineOptions
}

/** A dial without an engine: for trying one stage, or a pipeline, on a scripted network */
export interface TestDial {
  readonly dial: Dial
  /** The live target: `add` and `raise` it as callers and failures do */
  readonly target: LiveTarget
  readonly story: Story
  /** Connections that were given back */
  readonly discarded: Connection[]
  /** Runs a stage that begins with the target, or with the lists that are passed */
  run (stage: AnyStageInit, lists?: AsyncIterable<List>): AsyncGenerator<any>
  /** Ends the dial as its owner does */
  end (): void
}

/** @throws InvalidPipelineError without components, and for an unknown or wrong option */
export function testDial (init: TestDialInit): TestDial {
  checkOptions('testDial()', init, { components: required(OBJECT), peerId: PEER_ID, multiaddrs: listOf('multiaddrs', MULTIADDR), options: OBJECT })
  const { components, peerId, multiaddrs = [], options = {} } = init

  const controller = new AbortController()
  const target = new LiveTarget(peerId, multiaddrs)
  const story = new Story()
  const discarded: Connection[] = []
  const runs = new Set<AsyncGenerator<any>>()
  const judgements = new Judgements(components, peerId)

  const dial = new StageDial({
    target,
    story,
    options,
    clock: components.clock,
    log: silentLogger.forComponent('test'),
    timeout: components.settings.addressDialTimeout,
    listed: () => {},
    linger: () => {},
    keep: () => {},
    attempt: async ({ multiaddr }, { signal, onStart, onFirstResponse }) => {
      onStart(components.clock.now())

      return components.transportManager.dial(multiaddr, { signal, onProgress: () => { onFirstResponse(components.clock.now()) } })
    },
    discard: connection => {
      discarded.push(connection)
      void connection.close()
    },
    whyNotDialable: candidate => judgements.whyNotDialable(candidate),
    gate: candidate => judgements.gate(candidate)
  }, controller.signal)

  return {
    dial,
    target,
    story,
    discarded,
    run: (stage, lists: AsyncIterable<List | Target> = target.follow(controller.signal)) => {
      const run = runScope(make(stage, components), lists, dial)
      runs.add(run)

      return run
    },
    end: () => {
      controller.abort(new AbortError('The test has ended'))
      runs.forEach(run => { run.return(undefined).catch(() => {}) })
    }
  }
}
