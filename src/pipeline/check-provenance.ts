import { checkOptions, checkValue } from './check-options.ts'
import { isRecord, listOf } from './option-kinds.ts'
import { SOURCE_NAME } from './source-kinds.ts'
import type { RefuseOption } from './check-options.ts'
import type { OptionKind } from './option-kinds.ts'
import type { ProvenancePolicy } from './types.ts'

const SOURCES = listOf('sources', SOURCE_NAME)

const POLICY: OptionKind = {
  ...SOURCES,
  expected: 'an array of sources, or { include, exclude }',
  test: value => SOURCES.test(value) || isRecord(value),
  flaw: value => Array.isArray(value) ? SOURCES.flaw?.(value) : undefined
}

/**
 * Checks a policy about the sources of addresses: one that is not understood would let every address pass
 *
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner
 */
export function checkProvenance (owner: string, policy: ProvenancePolicy | readonly string[], Refusal?: RefuseOption): void {
  checkValue(owner, policy, POLICY, Refusal)

  if (!Array.isArray(policy)) {
    checkOptions(owner, policy as ProvenancePolicy, { include: SOURCES, exclude: SOURCES }, Refusal)

    for (const [name, sources] of Object.entries(policy)) {
      // whoever writes it means some sources
      checkValue(owner, sources, SOURCES, Refusal, name)
    }
  }
}
