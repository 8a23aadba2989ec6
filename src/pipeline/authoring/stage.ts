import { FILTER_OPTIONS, HELPER_OPTIONS, checkHelper, inheritedUnless, listStage, proveAll } from './list-stage.ts'
import { checkArguments, checkOptions } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { FUNCTION, STAGE_NAME, oneOf, required, filledListOf } from '../option-kinds.ts'
import { makeStage } from '../runtime/make-stage.ts'
import type { FilterOptions } from './list-stage.ts'
import type { Answer, ConnectedDial, Dial, DialComponents, Stage, Work } from '../types.ts'
import type { Connection } from '@libp2p/interface'

export interface ListStageInit<S> extends FilterOptions {
  /** Creates the state that the stage keeps for one node. `begin` gets it as its third argument */
  perNode?: ((node: DialComponents) => S) | undefined
}

/** The definition of a stage below a race */
export interface ConnectionStage<N extends string> {
  name: N
  accepts: readonly ['connections']
  yields: 'connections'
  /** The names of the dial options that the stage reads */
  options?: readonly string[]
  /** Runs once a dial. Yields the connections that pass, and gives back the others with `dial.discard()` */
  run: (connections: AsyncIterable<Connection>, dial: ConnectedDial) => AsyncIterable<Connection>
}

const STAGE_OPTIONS = { ...FILTER_OPTIONS, perNode: FUNCTION }

const CONNECTION_PARTS = {
  name: required(STAGE_NAME),
  yields: required(oneOf('connections')),
  accepts: required(filledListOf('of \'connections\'', oneOf('connections'))),
  run: required(FUNCTION),
  ...HELPER_OPTIONS
}

/**
 * Creates a list stage that no other helper covers. `begin` runs once for each run of the pipeline and returns a function from the list to the
 * candidates that pass. `work` registers pending promises, timers and timing rules. A candidate that is missing from a complete answer counts
 * as dropped.
 *
 * With an object, it creates a stage below a race: an async generator over connections.
 *
 * @param init.perNode creates the state that the stage keeps for one node
 * @param init.options the names of the dial options that the stage reads
 * @param init.forRelays whether the dial of a relay on the way inherits the stage. Default: true
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a `begin` that is not a function, and an unknown or wrong option
 */
// `begin` comes before `perNode`, so S is `any`: TypeScript infers too late from a `perNode` with an untyped parameter
export function stage<const N extends string, S = any> (name: N, begin: (dial: Dial, work: Work, state: S) => Answer, init?: ListStageInit<S>): Stage<'candidates', 'candidates', N>
export function stage<const N extends string> (definition: ConnectionStage<N>): Stage<'connections', 'connections', N>
export function stage (nameOrDefinition: unknown, begin?: unknown, init: ListStageInit<unknown> = {}): unknown {
  const isDefinition = typeof nameOrDefinition === 'object' && nameOrDefinition !== null
  checkArguments('stage()', arguments, isDefinition ? 1 : 3)

  return isDefinition ? connectionStage(nameOrDefinition as ConnectionStage<string>) : handWrittenStage(nameOrDefinition as string, begin as (dial: Dial, work: Work, state: unknown) => Answer, init)
}

function connectionStage (definition: ConnectionStage<string>): Stage<'connections', 'connections'> {
  checkOptions('stage()', definition, CONNECTION_PARTS)
  const { name, options } = definition
  const run = definition.run.bind(definition)

  return makeStage({ name, accepts: ['connections'], yields: 'connections', options }, { kind: 'below', run: (connections, dial) => run(connections, dial) })
}

function handWrittenStage (name: string, begin: (dial: Dial, work: Work, state: unknown) => Answer, init: ListStageInit<unknown>): Stage {
  checkHelper('stage', name, [begin], init, STAGE_OPTIONS)
  const { forRelays, options, perNode } = init

  return listStage(name, (dial, work, state) => {
    const answer = begin(dial, work, state)

    if (typeof answer !== 'function') {
      throw new InvalidStageOutputError(name, `began with ${describeValue(answer)}: a function from a list to candidates is expected, as in (dial, work) => ({ candidates }) => candidates`)
    }

    return answer
  }, { options, perNode, forRelays: inheritedUnless(forRelays), asks: proveAll, isTrusted: false })
}
