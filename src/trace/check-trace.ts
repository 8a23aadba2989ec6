import { InvalidParametersError } from '@libp2p/interface'
import { describeValue } from '../pipeline/describe-value.ts'
import { isRecord } from '../pipeline/option-kinds.ts'
import type { DialPlan, PlannedAddress, PlannedSource } from './plan.ts'
import type { DialTrace, TraceAttempt, TraceCaller, TraceCandidate, TraceConnection, TraceError, TraceMark, TraceOmissions, TracePipeline, TraceSource, TraceTarget } from './types.ts'

/** Returns what is wrong with a value, or undefined. `at` is the path of the value: `candidates[3].address` */
type Check = (value: unknown, at: string) => string | undefined

/** The check of each member. Members without a check are accepted, because a later release may add some */
type Members<T> = { readonly [K in keyof Required<T>]?: Check }

const text = expect('text', value => typeof value === 'string')
const time = expect('a finite number of milliseconds', Number.isFinite)
const count = expect('a whole number, 0 or more', value => Number.isSafeInteger(value) && (value as number) >= 0)
const flag = expect('true or false', value => typeof value === 'boolean')
const yes = expect('true, or is left out', value => value === true)
const error = object<TraceError>({ name: text, message: text }, { stage: text, code: text })

const mark = object<TraceMark>({ name: oneOf('opened', 'answered', 'encrypted', 'muxed'), at: time })

const attempt = object<TraceAttempt>(
  { plannedAt: time, marks: list(mark), outcome: oneOf('waiting', 'in flight', 'connected', 'rejected', 'failed', 'cancelled') },
  { startedAt: time, isInLayer: yes, isAtGater: yes, endedAt: time, error }
)

const VERDICTS: Readonly<Record<string, Check>> = { dropped: object<{ reason: string }>({ reason: text }), expanded: object<{ into: string[] }>({ into: list(text) }), held: () => undefined }
const named = object<{ stage: string, verdict: string }>({ stage: text, verdict: oneOf(...Object.keys(VERDICTS)) })
const verdict: Check = (value, at) => named(value, at) ?? VERDICTS[(value as { verdict: string }).verdict]?.(value, at)

const candidate = object<TraceCandidate>(
  { address: text, provenance: list(text), verdicts: list(verdict), attempts: list(attempt) },
  { transport: text, source: text, position: count }
)

const version: Check = value => value === 1 ? undefined : `its version is ${describeValue(value)}, and this release reads version 1`
const target = object<TraceTarget>({ addresses: list(text) }, { peer: text })
const pipeline = object<TracePipeline>({ stages: list(text) }, { name: text })
const connection = object<TraceConnection>({ id: text, address: text }, { isLimited: flag, encryption: text, multiplexer: text })
const omitted = object<TraceOmissions>({}, { callers: count, sources: count, candidates: count, attempts: count, addresses: count })

const trace = object<DialTrace>(
  {
    version,
    id: text,
    target,
    pipeline,
    startedAt: time,
    outcome: oneOf('running', 'connected', 'failed', 'aborted'),
    callers: list(object<TraceCaller>({ at: time, addresses: list(text) }, { endedAt: time, outcome: oneOf('connected', 'failed', 'aborted'), address: text, error })),
    sources: list(object<TraceSource>({ stage: text, askedAt: time, addresses: count }, { endedAt: time, error, isAwaited: yes, notAsked: text })),
    awaited: list(text),
    candidates: list(candidate)
  },
  {
    endedAt: time,
    madeAt: time,
    settledAt: time,
    connection,
    error,
    omitted
  }
)

const plannedSource = object<PlannedSource>({ stage: text, addresses: count }, { error, wouldBeAsked: yes, notAsked: text, isAwaited: yes })
const plannedAddress = object<PlannedAddress>({ address: text, provenance: list(text), verdicts: list(verdict) }, { transport: text, startsAt: time, error })
const plan = object<DialPlan>({ version, target, pipeline, sources: list(plannedSource), awaited: list(text), addresses: list(plannedAddress) }, { open: connection, error, omitted })

/**
 * Checks that a value is the trace of a dial, for instance one that was read from a file
 *
 * @param owner the function that got the value, for the error message: `renderWaterfall()`
 * @throws InvalidParametersError that names the wrong member
 */
export function checkTrace (owner: string, value: unknown): asserts value is DialTrace {
  refuseFault(`${owner} needs the trace of a dial`, trace(value, ''))
}

/**
 * Checks that a value is the plan of a dial
 *
 * @param owner the function that got the value, for the error message: `renderPlan()`
 * @throws InvalidParametersError that names the wrong member
 */
export function checkPlan (owner: string, value: unknown): asserts value is DialPlan {
  refuseFault(`${owner} needs the plan of a dial`, plan(value, ''))
}

function refuseFault (need: string, fault: string | undefined): void {
  if (fault != null) {
    throw new InvalidParametersError(`${need}: ${fault}`)
  }
}

function object<T> (required: Members<T>, optional: Members<T> = {}): Check {
  const checks = [...Object.entries(required), ...Object.entries(optional)] as Array<[string, Check]>

  return (value, at) => {
    if (!isRecord(value)) {
      return wrong(value, at, 'an object')
    }

    for (const [name, check] of checks) {
      const member: unknown = Reflect.get(value, name)
      const path = at === '' ? name : `${at}.${name}`
      const fault = member !== undefined ? check(member, path) : name in required ? `${path} is missing` : undefined

      if (fault != null) {
        return fault
      }
    }
  }
}

function list (check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) {
      return wrong(value, at, 'an array')
    }

    for (let i = 0; i < value.length; i++) {
      const fault = check(value[i], `${at}[${i}]`)

      if (fault != null) {
        return fault
      }
    }
  }
}

function oneOf (...words: readonly string[]): Check {
  return expect(words.map(word => `'${word}'`).join(' or '), value => words.includes(value as string))
}

function expect (expected: string, test: (value: unknown) => boolean): Check {
  return (value, at) => test(value) ? undefined : wrong(value, at, expected)
}

function wrong (value: unknown, at: string, expected: string): string {
  return at === '' ? `it is ${describeValue(value)}` : `${at} needs ${expected}, not ${describeValue(value)}`
}
