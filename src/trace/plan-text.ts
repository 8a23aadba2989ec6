import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { highest } from '../pipeline/extremes.ts'
import { clipMiddle } from '../pipeline/safe-text.ts'
import { checkPlan } from './check-trace.ts'
import { count, ms, reasonOf, shortAddress } from './outcome.ts'
import { defaultWidth, fitLines, TRACE_OPTIONS } from './text-lines.ts'
import { STILL_WAITING } from '../pipeline/runtime/dial-host.ts'
import type { RenderTraceInit } from './text.ts'
import type { DialPlan, PlannedAddress, PlannedSource } from './plan.ts'

/**
 * Returns a plan as text: one line for each source and each address. A line tells when the address would be dialled, or why not
 *
 * @throws InvalidParametersError for a value that is not a plan, and for an unknown or wrong option
 */
export function renderPlan (plan: DialPlan, init: RenderTraceInit = {}): string {
  checkArguments('renderPlan()', arguments, 2, undefined, InvalidParametersError)
  checkPlan('renderPlan()', plan)
  checkOptions('renderPlan()', init, TRACE_OPTIONS, InvalidParametersError)
  const width = init.width ?? defaultWidth()
  const rows = [
    ...plan.sources.map(one => ({ name: one.stage, words: sourceWords(one) })),
    ...plan.addresses.map(one => ({ name: shortAddress(one.address, plan), words: addressWords(one) }))
  ]
  const names = Math.min(Math.max(0, highest(rows.map(({ name }) => name.length))), Math.floor(width / 2))

  return fitLines([...headOf(plan, width), ...rows.map(({ name, words }) => `  ${clipMiddle(name, names).padEnd(names)} ${words}`)], width)
}

function headOf ({ target, open, error, awaited, addresses }: DialPlan, width: number): string[] {
  const dialled = addresses.filter(({ startsAt }) => startsAt != null).length
  const result = open == null ? `  ${dialled} of ${count(addresses.length, 'address', 'es')} would be dialled` : '  nothing would be dialled: a connection is open'

  return [
    `plan for ${clipMiddle(target.peer ?? 'an unknown peer', Math.max(12, width - 'plan for '.length - result.length))}${result}`,
    ...open == null ? [] : [`  open: ${open.address}`],
    ...error == null ? [] : [`  fails with ${error.name}: ${error.message}`],
    ...awaited.length === 0 ? [] : [`  ${STILL_WAITING} ${awaited.join(', ')}`]
  ]
}

function sourceWords ({ addresses, error, wouldBeAsked, isAwaited, notAsked }: PlannedSource): string {
  if (notAsked != null) {
    return `not asked: ${notAsked}`
  }

  if (wouldBeAsked === true) {
    return 'would be asked'
  }

  return error != null ? `failed: ${error.message}` : `${count(addresses, 'address', 'es')}${isAwaited === true ? ' so far' : ''}`
}

function addressWords ({ startsAt, verdicts, error }: PlannedAddress): string {
  return startsAt == null ? error?.message ?? reasonOf({ verdicts }, { outcome: 'failed' }) : `dialled after ${ms(startsAt)}`
}
