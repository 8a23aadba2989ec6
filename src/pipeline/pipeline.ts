import { checkArguments, checkOptions, checkValue } from './check-options.ts'
import { InvalidPipelineError } from './errors.ts'
import { describeValue, isStage } from './describe-value.ts'
import { STAGE_NAME, suggestName } from './option-kinds.ts'
import { faultsIn } from './stage-order.ts'
import { converges, findPlan, makeStage, partsOf } from './runtime/make-stage.ts'
import type { OptionKind } from './option-kinds.ts'
import type { Fit, InOf } from './stage-order.ts'
import type { AnyStage, Flow } from './types.ts'
import type { Pipeline } from './edited.ts'

/** The stages among the arguments of `pipeline()`, without the optional name */
type Listed<A extends readonly unknown[]> = A extends readonly [string, ...infer S] ? S : A
type Stages<A extends readonly unknown[]> = Extract<Listed<A>[number], AnyStage>
type First<A extends readonly unknown[]> = Listed<A> extends readonly [infer F extends AnyStage, ...unknown[]] ? F : Stages<A>
type Last<A extends readonly unknown[]> = A extends readonly [...unknown[], infer L extends AnyStage] ? L : Stages<A>
type Named<A extends readonly unknown[]> = A extends readonly [infer N extends string, ...unknown[]] ? N : 'pipeline'
// the output of a list that is built at run time is unknown
type OutOf<S extends AnyStage> = keyof Flow extends S['yields'] ? any : S['yields']

const STAGES: OptionKind = { expected: 'an array of stages', test: Array.isArray, advise: value => isStage(value) ? 'pipelineOf([…])' : undefined }

/**
 * Creates a pipeline from stages, top to bottom in the order of time. A stage that does not fit the one above it is a compile error on that
 * stage. A node takes the pipeline as `services: { dialer: dialer(pipeline) }`.
 *
 * ```ts
 * pipeline(fromCaller(), fromPeerStore(), resolve(), dialable(), stagger(250), race())
 * ```
 *
 * An optional name comes first: `pipeline('known', fromKnown(), certified())`. An edit of a pipeline around it then says `known/certified`.
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipeline<const A extends readonly [unknown, ...unknown[]]> (...stages: { [K in keyof A]: Fit<A, K> }): Pipeline<InOf<First<A>>, OutOf<Last<A>>, Stages<A>, Named<A>, First<A>['name']> {
  const [name, ...rest] = stages as readonly unknown[]

  if (typeof name !== 'string') {
    // `any`: the signature computes the type and has checked the order, which the array of stages loses
    return pipelineOf(stages as unknown as AnyStage[]) as any
  }

  checkValue('pipeline()', name, STAGE_NAME)

  // `any`: as for a pipeline without a name
  return pipelineOf(rest as AnyStage[], { name }) as any
}

/**
 * Creates a pipeline from an array that is built at run time. The order of the stages is checked when the function is called, and not by the
 * compiler.
 *
 * @param init.name the name for edits of a pipeline around this one. Default: 'pipeline'
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipelineOf<const N extends string = 'pipeline'> (stages: readonly AnyStage[], init: { name?: N } = {}): Pipeline<'target' | 'candidates' | 'connections', any, AnyStage, N> {
  checkValue('pipelineOf()', stages, STAGES)
  checkArguments('pipelineOf()', arguments, 2)
  checkOptions('pipelineOf()', init, { name: STAGE_NAME })
  const { name = 'pipeline' as N } = init
  const faults = faultsIn(stages)

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The ${name === 'pipeline' ? 'pipeline' : `pipeline "${name}"`} cannot be put together: ${faults.join('; ')}`)
  }

  const own = Object.freeze([...stages])
  const edits = EDIT_NAMES.map(how => [how, (...args: readonly unknown[]) => pipelineOf(edit(own, how, args), { name })])

  const made: AnyStage = makeStage({
    name,
    accepts: Object.keys(own[0]?.accepts ?? {}) as Array<keyof Flow>,
    yields: own.at(-1)?.yields as keyof Flow,
    options: own.flatMap(({ options }) => options)
  }, { kind: 'pipeline', stages: own }, { stages: own, ...Object.fromEntries(edits), [INSPECT]: (depth: number | null) => inspectStages(made, depth) })

  // `any`: the callers' signatures name the type, which depends on the stages
  return made as any
}

const EDITS = {
  replace: (stages: readonly AnyStage[], at: number, stage: AnyStage) => stages.with(at, stage),
  before: (stages: readonly AnyStage[], at: number, stage: AnyStage) => putIn(stages, at, stage),
  after: (stages: readonly AnyStage[], at: number, stage: AnyStage) => putIn(stages, at + 1, stage),
  without: (stages: readonly AnyStage[], at: number) => stages.toSpliced(at, 1)
}

type EditName = keyof typeof EDITS

const EDIT_NAMES = Object.keys(EDITS) as EditName[]

/**
 * Returns the stages of a pipeline after an edit
 *
 * @param path the names of the pipelines around, for error messages: `policy/`
 * @throws InvalidPipelineError for missing or surplus arguments, and for an unknown or ambiguous name
 */
function edit (stages: readonly AnyStage[], how: EditName, args: readonly unknown[], path = ''): AnyStage[] {
  const [name, stage] = args
  checkArguments(`${how}()`, args, how === 'without' ? 1 : 2)

  if (typeof name !== 'string') {
    throw new InvalidPipelineError(`${how}() needs the name of a stage first, not ${describeValue(name)}: write .${how}('…'${how === 'without' ? '' : ', …'}). The pipeline has: ${namesOf(stages)}`)
  }

  if (how !== 'without' && stage === undefined) {
    throw new InvalidPipelineError(`${how}() needs the stage to put in: write .${how}('${name}', …)`)
  }

  const isOwn = stages.some(one => one.name === name)
  const at = positionOf(stages, one => isOwn ? one.name === name : isPipeline(one) && name.startsWith(`${one.name}/`), name, path)

  if (!isOwn) {
    const nested = stages[at] as Pipeline

    return stages.with(at, pipelineOf(edit(nested.stages, how, [name.slice(nested.name.length + 1), stage], `${path}${nested.name}/`), { name: nested.name }))
  }

  if (how === 'without' && stages.length === 1) {
    throw new InvalidPipelineError(`"${path}${name}" is the only stage of its pipeline, and none would be left: take out that pipeline, or .replace('${path}${name}', …)`)
  }

  return EDITS[how](stages, at, stage as AnyStage)
}

function positionOf (stages: readonly AnyStage[], isMeant: (stage: AnyStage) => boolean, name: string, path: string): number {
  const positions = stages.flatMap((one, i) => isMeant(one) ? [i] : [])
  const [at] = positions

  if (at == null) {
    const meant = meantName(name, pathsOf(stages))
    const owner = path === '' ? 'this pipeline' : `the pipeline "${path.slice(0, -1)}"`
    throw new InvalidPipelineError(`There is no stage "${path}${name}" in ${owner}${meant == null ? '.' : `: did you mean "${path}${meant}"?`} It has: ${namesOf(stages, path)}`)
  }

  if (positions.length > 1) {
    throw new InvalidPipelineError(`There are ${positions.length} stages "${stages[at]?.name}" in this pipeline (${positions.map(i => i + 1).join(', ')}), so the name does not say which`)
  }

  return at
}

/** Adds a stage. Removes a former one that would act twice: one named after the dial option that both read, or one that converges too */
function putIn (stages: readonly AnyStage[], at: number, stage: AnyStage): AnyStage[] {
  const isOption = ({ name, options }: AnyStage): boolean => options.includes(name)
  const isSame = (one: AnyStage): boolean => one.name === stage.name && ((isOption(one) && isOption(stage)) || (converges(one) && converges(stage)))

  return [...stages.slice(0, at).filter(one => !isSame(one)), stage, ...stages.slice(at).filter(one => !isSame(one))]
}

function isPipeline (stage: AnyStage): stage is Pipeline {
  return findPlan(stage)?.kind === 'pipeline'
}

/** Returns the name that was most likely meant: that of the stage of a factory (`libp2pOrder`), of a nested stage, or with letters misspelt */
function meantName (name: string, paths: readonly string[]): string | undefined {
  const plain = (text: string): string => text.replaceAll('-', '').toLowerCase()

  return paths.find(path => plain(path) === plain(name)) ?? paths.find(path => path.endsWith(`/${name}`)) ?? suggestName(name, paths)
}

function pathsOf (stages: readonly AnyStage[], within = ''): string[] {
  return stages.flatMap(one => [`${within}${one.name}`, ...isPipeline(one) ? pathsOf(one.stages, `${within}${one.name}/`) : []])
}

function namesOf (stages: readonly AnyStage[], within = ''): string {
  return stages.map(one => `${within}${one.name}${isPipeline(one) ? ` (${namesOf(one.stages, `${within}${one.name}/`)})` : ''}`).join(', ')
}

/** The key of the method that Node.js's `console.log` calls. Browsers show the object instead */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * Returns a pipeline as `console.log` prints it: one line for each stage, with nested pipelines indented
 *
 * @param depth the number of nested levels to print. Below 0: a summary in one line
 */
function inspectStages (stage: AnyStage, depth: number | null = 2): string {
  if (depth != null && depth < 0) {
    return `[${stage.name} of ${partsOf(stage).length} stages]`
  }

  return linesOf(stage).join('\n')
}

function linesOf (stage: AnyStage): string[] {
  const { name, options } = stage
  const parts = partsOf(stage)

  return parts.length === 0
    ? [options.length === 0 ? name : `${name} (dial options: ${options.join(', ')})`]
    : [`${name} {`, ...parts.flatMap(linesOf).map(line => `  ${line}`), '}']
}
