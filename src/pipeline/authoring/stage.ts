import { FILTER_OPTIONS, HELPER_OPTIONS, checkHelper } from './list-stage.ts'
import { checkArguments, checkOptions } from '../check-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { FUNCTION, NAME, oneOf, required, filledListOf } from '../option-kinds.ts'
import { asksAll, provedFor } from './proofs.ts'
import { makeStage } from '../runtime/make-stage.ts'
import type { FilterOptions } from './list-stage.ts'
import type { Answer, ConnectedDial, Dial, DialComponents, Stage, Work } from '../types.ts'
import type { Connection } from '@libp2p/interface'

export interface ListStageInit<S> extends FilterOptions {
  /** Makes what the stage keeps for a node, where it keeps something. It is given to `begin` */
  perNode?: (node: DialComponents) => S
}

/** A stage below a race */
export interface ConnectionStage<N extends string> {
  name: N
  accepts: readonly ['connections']
  yields: 'connections'
  /** The per-dial options that it reads */
  options?: readonly string[]
  /** One dial. It passes on connections that it is given, and gives back the others with `dial.discard()` */
  run: (connections: AsyncIterable<Connection>, dial: ConnectedDial) => AsyncIterable<Connection>
}

const STAGE_OPTIONS = { ...FILTER_OPTIONS, perNode: FUNCTION }

const CONNECTION_PARTS = {
  name: required(NAME),
  yields: required({ ...oneOf('connections'), advise: value => value === 'candidates' ? 'stage(\'…\', (dial, work) => ({ candidates }) => candidates)' : undefined }),
  accepts: required(filledListOf('of \'connections\'', oneOf('connections'))),
  run: required(FUNCTION),
  ...HELPER_OPTIONS
}

/**
 * A list stage that none of the other helpers makes: `begin` is called once for each run of the pipeline that the stage stands in, and
 * returns the function that makes of each list the candidates that are passed on. It says what it has pending, and its timing rules, to
 * `work`. Who is left out of a complete answer was dropped.
 *
 * Given an object, a stage below a race: an async generator over connections.
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
// the compiler reads begin before perNode: of a perNode whose parameter has no type it learns nothing in time
export function stage<const N extends string, S = any> (name: N, begin: (dial: Dial, work: Work, state: S) => Answer, init?: ListStageInit<S>): Stage<'candidates', 'candidates', N>
export function stage<const N extends string> (definition: ConnectionStage<N>): Stage<'connections', 'connections', N>
export function stage (nameOrDefinition: unknown, begin?: unknown, init: ListStageInit<unknown> = {}): unknown {
  const isDefinition = typeof nameOrDefinition === 'object' && nameOrDefinition !== null
  checkArguments('stage()', arguments, isDefinition ? 1 : 3)

  return isDefinition ? connectionStage(nameOrDefinition as ConnectionStage<string>) : listStage(nameOrDefinition as string, begin as (dial: Dial, work: Work, state: unknown) => Answer, init)
}

function connectionStage (definition: ConnectionStage<string>): Stage<'connections', 'connections'> {
  checkOptions('stage()', definition, CONNECTION_PARTS)
  const { name, options } = definition
  const run = definition.run.bind(definition)

  return makeStage({ name, accepts: ['connections'], yields: 'connections', options }, { kind: 'below', run: (connections, dial) => run(connections, dial) })
}

function listStage (name: string, begin: (dial: Dial, work: Work, state: unknown) => Answer, init: ListStageInit<unknown>): Stage {
  checkHelper('stage', name, [begin], init, STAGE_OPTIONS)
  const { forRelays, options, perNode } = init

  return makeStage({ name, accepts: ['candidates'], yields: 'candidates', options }, {
    kind: 'list',
    perNode,
    forRelays: forRelays === false ? 'none' : 'inherited',
    begin: provedFor(asksAll, (dial, work, state) => {
      const answer = begin(dial, work, state)

      if (typeof answer !== 'function') {
        throw new InvalidStageOutputError(name, `began with ${describeValue(answer)}: a function from a list to candidates is expected, as in (dial, work) => ({ candidates }) => candidates`)
      }

      return answer
    })
  })
}
