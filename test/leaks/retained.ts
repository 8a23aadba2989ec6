import { queryObjects } from 'node:v8'
import { Caller } from '../../src/dialer/dials/caller.ts'
import { PendingDial } from '../../src/dialer/dials/pending-dial.ts'
import { DialRun } from '../../src/dialer/dials/dial-run.ts'
import { SharedAttempt } from '../../src/dialer/attempts/shared-attempt.ts'

const OURS = [Caller, PendingDial, DialRun, SharedAttempt]

/** A query takes a second, because it collects all garbage several times. With one ancestor a query finds them all */
function Ours (): void {}

for (const { prototype } of OURS) {
  Object.setPrototypeOf(prototype, Ours.prototype)
}

export const NOBODY: Readonly<Record<string, number>> = Object.fromEntries(OURS.map(({ name }) => [name, 0]))

/** How many objects of a dial somebody still holds, by their class; those that nobody holds are collected first */
export function retained (): Readonly<Record<string, number>> {
  // the prototypes are found too
  if (queryObjects(Ours) === OURS.length) {
    return NOBODY
  }

  return Object.fromEntries(OURS.map(kind => [kind.name, queryObjects(kind) as number]))
}
