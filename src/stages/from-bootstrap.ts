import { DIVERSITIES, inTurn, parseBootstrapList } from '../address/bootstrap-list.ts'
import { candidate } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import { source, WHEN } from '../pipeline/authoring/source.ts'
import type { BootstrapAddress, Diversity } from '../address/bootstrap-list.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { SourceOptions } from '../pipeline/authoring/source.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

const LIST: OptionKind = { expected: 'an array of addresses', test: Array.isArray }

export interface FromBootstrapInit extends Pick<SourceOptions, 'when'> {
  /**
   * What two addresses that follow each other do not share, as long as there are others
   *
   * @default 'operator'
   */
  diversity?: Diversity
}

/**
 * The addresses that a list names for the peer that is dialled, of each operator or network in turn. Names are left for
 * `resolve()`. To connect to a few peers of a list when the node starts, there is `dialer.bootstrap(list)`
 *
 * @throws InvalidPipelineError for an empty list, for addresses that do not end in a peer id, and for an unknown or wrong option
 */
export function fromBootstrap (list: readonly BootstrapAddress[], init: FromBootstrapInit = {}): Stage<'target' | 'candidates', 'candidates', 'from-bootstrap'> {
  checkArguments('fromBootstrap()', arguments, 2)
  checkValue('fromBootstrap()', list, LIST)
  checkOptions('fromBootstrap()', init, { diversity: oneOf(...DIVERSITIES), when: WHEN })
  const { diversity = 'operator', when } = init
  const known = new Map<string, Candidate[]>()

  for (const { peerId, multiaddrs } of parseBootstrapList(list, InvalidPipelineError)) {
    const candidates = multiaddrs.map(multiaddr => candidate(multiaddr, peerId, { provenance: [{ source: 'bootstrap' }] }))
    known.set(peerId.toString(), inTurn(candidates, ({ multiaddr }) => [multiaddr], diversity))
  }

  return source('from-bootstrap', ({ target: { peerId } }) => known.get(peerId?.toString() ?? '') ?? [], { when })
}
