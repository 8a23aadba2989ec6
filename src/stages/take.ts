import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { LIMIT } from '../pipeline/option-kinds.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

/**
 * Creates a filter that keeps the first `n` candidates of the list. If several callers share the dial, their addresses get places in turn.
 * Attempted candidates always stay. Candidates that are found after all others have failed, or are silent for long, get `n` places of their own:
 * otherwise many useless addresses would make a look-up useless.
 *
 * @param n a whole number or Infinity. Default: the node's `maxPeerAddrsToDial`
 * @throws InvalidPipelineError if `n` is not a whole number
 */
export function take (n?: number): Stage<'candidates', 'candidates', 'take'> {
  checkArguments('take()', arguments, 1)
  if (n !== undefined) {
    checkValue('take()', n, LIMIT)
  }

  return listStage('take', (dial, work) => {
    const most = n ?? dial.node.settings.maxPeerAddrsToDial
    const { host } = dial.part
    const { story } = host
    let before: readonly Candidate[] = []
    let known: ReadonlySet<string> | undefined

    return ({ candidates, call }) => {
      known ??= call == null || call === 'held' ? undefined : new Set(before.map(({ id }) => id))
      before = candidates

      if (candidates.length <= most) {
        return candidates
      }

      // attempted candidates stay: otherwise each one that sinks in the order would let in another. In a shared dial, a candidate whose attempt gave
      // way leaves its place to the addresses of other callers
      const isShared = host.named != null
      const tried = candidates.filter(({ id }) => isShared ? story.isTried(id) : story.isAttempted(id))
      const inOrder = [...new Set([...tried, ...interleave(candidates, dial)])]
      const found = inOrder.filter(({ id }) => known?.has(id) === false)
      const rest = found.length === 0 ? inOrder : inOrder.filter(one => !found.includes(one))
      const first = new Set([found, rest].flatMap(ones => ones.slice(0, Math.max(most, ones.filter(one => tried.includes(one)).length))))

      return keepUnless(candidates, work, one => first.has(one) ? undefined : `not among the first ${most}`, 'crowdOut')
    }
  }, { role: 'limit' })
}

/** Returns the addresses of each caller in turn, each in the order of the list. Unnamed addresses belong to the callers who named none */
function interleave (candidates: readonly Candidate[], { part: { host: { named, story } } }: StageDial): readonly Candidate[] {
  if (named == null) {
    return candidates
  }

  const turns = new Map<Candidate, number>()
  const last = candidates.length
  const all = story.standingFor(named.flatMap(ids => [...ids]))
  const giveTurns = (own: readonly Candidate[]): void => { own.forEach((one, i) => { turns.set(one, Math.min(i, turns.get(one) ?? last)) }) }
  named.filter(({ size }) => size > 0).map(ids => story.standingFor(ids)).forEach(ids => { giveTurns(candidates.filter(({ id }) => ids.has(id))) })

  if (named.some(({ size }) => size === 0)) {
    giveTurns(candidates.filter(({ id }) => !all.has(id)))
  }

  return candidates.toSorted((a, b) => (turns.get(a) ?? last) - (turns.get(b) ?? last))
}
