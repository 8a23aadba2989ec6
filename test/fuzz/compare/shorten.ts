import type { CallerDescription, Description, Step } from './description.ts'

/** Returns copies of the list, each without one item */
function withoutOne<T> (items: readonly T[], least = 0): T[][] {
  return items.length <= least ? [] : items.map((_, i) => items.toSpliced(i, 1))
}

function replaced<T> (items: readonly T[], shorter: (item: T) => T[]): T[][] {
  return items.flatMap((item, i) => shorter(item).map(one => items.with(i, one)))
}

function withParts (step: Step, parts: Step[][]): Step {
  return { ...step, parts }
}

function withAddresses<T extends { addresses: string[] }> (one: T, addresses: string[]): T {
  return { ...one, addresses }
}

/** Returns shorter steps: a step is omitted, replaced by its parts, or shortened itself */
function shorterSteps (steps: readonly Step[]): Step[][] {
  return [
    ...withoutOne(steps, 1),
    ...steps.flatMap((step, i) => step.parts.map(part => steps.toSpliced(i, 1, ...part))),
    ...replaced(steps, shorterStep)
  ]
}

function shorterStep (step: Step): Step[] {
  return [
    ...step.parts.length > 1 ? withoutOne(step.parts).map(parts => withParts(step, parts)) : [],
    ...replaced(step.parts, shorterSteps).map(parts => withParts(step, parts)),
    ...withoutOne(step.addresses).map(addresses => withAddresses(step, addresses)),
    ...step.when === 'always' ? [] : [{ ...step, when: 'always' as const }]
  ]
}

function shorterCallers ({ callers }: Description): Array<Description['callers']> {
  return [
    ...withoutOne(callers, 1),
    ...replaced(callers, caller => [
      ...caller.addresses.length > 1 ? withoutOne(caller.addresses).map(addresses => withAddresses(caller, addresses)) : [],
      ...Object.keys(caller.options).length > 0 ? [{ ...caller, options: {} }] : [],
      ...caller.leavesAt == null ? [] : [{ ...caller, leavesAt: undefined }],
      ...caller.isOther ? [{ ...caller, isOther: false }] : [],
      ...caller.at > 0 ? [{ ...caller, at: 0 }] : []
    ])
  ]
}

function inFirst (caller: CallerDescription): CallerDescription {
  return { ...caller, isOther: false }
}

/** Yields descriptions that are shorter in one respect */
function * shorter (one: Description): Generator<Description> {
  for (const pipelines of replaced(one.pipelines, shorterSteps)) {
    yield { ...one, pipelines }
  }

  if (!one.isProven) {
    yield { ...one, isProven: true }
  }

  if (one.isDenied) {
    yield { ...one, isDenied: false }
  }

  if (one.callers.every(({ isOther }) => isOther)) {
    yield { ...one, pipelines: one.pipelines.toReversed(), callers: one.callers.map(inFirst) }
  }

  for (const callers of shorterCallers(one)) {
    yield { ...one, callers }
  }

  for (const [place, addresses] of Object.entries(one.known)) {
    for (const fewer of withoutOne(addresses)) {
      yield { ...one, known: { ...one.known, [place]: fewer } }
    }
  }

  for (const [place, ms] of Object.entries(one.delays)) {
    if (ms > 0) {
      yield { ...one, delays: { ...one.delays, [place]: 0 } }
    }
  }

  for (const [address, script] of Object.entries(one.network)) {
    if (script !== 'silent') {
      yield { ...one, network: { ...one.network, [address]: 'silent' } }
    }
  }
}

/**
 * Searches for the shortest description for which a condition still holds
 *
 * @param holds the condition
 */
export async function shorten (description: Description, holds: (shorter: Description) => Promise<boolean>): Promise<Description> {
  let shortest = description
  let isShorter = true

  while (isShorter) {
    isShorter = false

    for (const one of shorter(shortest)) {
      if (await holds(one)) {
        shortest = one
        isShorter = true
        break
      }
    }
  }

  return shortest
}
