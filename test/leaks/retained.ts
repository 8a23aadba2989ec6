import { queryObjects } from 'node:v8'
import { Caller } from '../../src/dialer/caller.ts'
import { Dialing } from '../../src/dialer/dialing.ts'
import { DialRun } from '../../src/dialer/dial-run.ts'
import { SharedAttempt } from '../../src/dialer/shared-attempt.ts'

const OURS = [Caller, Dialing, DialRun, SharedAttempt]

export const NOBODY: Readonly<Record<string, number>> = Object.fromEntries(OURS.map(({ name }) => [name, 0]))

/** How many objects of a dial somebody still holds, by their class; those that nobody holds are collected first */
export function retained (): Record<string, number> {
  return Object.fromEntries(OURS.map(kind => [kind.name, queryObjects(kind) as number]))
}
