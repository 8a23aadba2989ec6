import { queryObjects } from 'node:v8'
import { Caller } from '../../src/dialer/dials/caller.ts'
import { PendingDial } from '../../src/dialer/dials/pending-dial.ts'
import { DialRun } from '../../src/dialer/dials/dial-run.ts'
import { SharedAttempt } from '../../src/dialer/attempts/shared-attempt.ts'

const OURS = [Caller, PendingDial, DialRun, SharedAttempt]

/** The common ancestor of the classes: a query collects all garbage and takes a second, and with an ancestor one query finds all objects */
function Ours (): void {}

const prototypes = new Set(OURS.flatMap(({ prototype }) => chainOf(prototype)))

for (const prototype of prototypes) {
  if (Object.getPrototypeOf(prototype) === Object.prototype) {
    Object.setPrototypeOf(prototype, Ours.prototype)
  }
}

export const NOBODY: Readonly<Record<string, number>> = Object.fromEntries(OURS.map(({ name }) => [name, 0]))

/** Returns the number of reachable objects of a dial, by class. The garbage is collected first */
export function retained (): Readonly<Record<string, number>> {
  // the query also finds the prototypes
  if (queryObjects(Ours) === prototypes.size) {
    return NOBODY
  }

  return Object.fromEntries(OURS.map(kind => [kind.name, queryObjects(kind) as number]))
}

/** Returns a prototype and those that it inherits from, except that of all objects */
function chainOf (prototype: object): object[] {
  return prototype === Object.prototype ? [] : [prototype, ...chainOf(Object.getPrototypeOf(prototype) as object)]
}
