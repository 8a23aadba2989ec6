import { interleave, parseBootstrapList, SPREAD_BY } from '../address/bootstrap-list.ts'
import { candidate } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import { source, WHEN } from '../pipeline/authoring/source.ts'
import type { BootstrapAddress, SpreadBy } from '../address/bootstrap-list.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { SourceOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

const LIST: OptionKind = { expected: 'an array of addresses', test: Array.isArray }

export interface FromBootstrapInit extends Pick<SourceOptions, 'when'> {
  /**
   * The property in which consecutive addresses differ, as long as the list allows it
   *
   * @default 'operator'
   */
  spreadBy?: SpreadBy | undefined
}

/**
 * Creates a source that adds the addresses that a bootstrap list has for the dialled peer, alternating between operators or networks. Names are left to
 * `resolve()`. To connect to a few peers of a list at start, use `dialer.bootstrap(list)`.
 *
 * @param list multiaddrs, each ending in a peer id
 * @throws InvalidPipelineError for an empty list, an address that does not end in a peer id, and an unknown or wrong option
 */
export function fromBootstrap (list: readonly BootstrapAddress[], init: FromBootstrapInit = {}): Stage<'target' | 'candidates', 'candidates', 'from-bootstrap'> {
  checkArguments('fromBootstrap()', arguments, 2)
  checkValue('fromBootstrap()', list, LIST)
  checkOptions('fromBootstrap()', init, { spreadBy: oneOf(...SPREAD_BY), when: WHEN })
  const { spreadBy = 'operator', when } = init
  const known = new Map<string, Candidate[]>()

  for (const { peerId, multiaddrs } of parseBootstrapList(list, InvalidPipelineError)) {
    const candidates = multiaddrs.map(multiaddr => candidate(multiaddr, peerId, { provenance: [{ source: 'bootstrap' }] }))
    known.set(peerId.toString(), interleave(candidates, ({ multiaddr }) => [multiaddr], spreadBy))
  }

  return source('from-bootstrap', ({ target: { peerId } }) => known.get(peerId?.toString() ?? '') ?? [], { when })
}
