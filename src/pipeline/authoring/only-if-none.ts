import { checkedPredicate, FILTER_OPTIONS, inheritedUnless, listStage } from './list-stage.ts'
import { proveAll } from './proofs.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { FUNCTION, MILLISECONDS } from '../option-kinds.ts'
import type { FilterOptions } from './list-stage.ts'
import type { Candidate, Dial, Stage } from '../types.ts'

export interface OnlyIfNoneInit extends FilterOptions {
  /** Milliseconds after which the other candidates pass although the list is incomplete, because a source above may never answer. Default: no limit */
  after?: number
}

/**
 * Creates a stage that drops all other candidates while the list has a preferred one: "only configured and certified addresses, the rest if
 * there are none". While the list is incomplete and has no preferred candidate, the other candidates are held back.
 *
 * The dial of a relay inherits the stage unless `forRelays` is false: it drops relay addresses beside a preferred one.
 *
 * @param init.after milliseconds to wait for a preferred candidate. Default: Infinity
 * @throws InvalidPipelineError for a `preferred` that is not a function, and an unknown or wrong option
 */
export function onlyIfNone (preferred: (candidate: Candidate, dial: Dial) => boolean, init: OnlyIfNoneInit = {}): Stage<'candidates', 'candidates', 'only-if-none'> {
  checkArguments('onlyIfNone()', arguments, 2)
  checkValue('onlyIfNone()', preferred, FUNCTION)
  checkOptions('onlyIfNone()', init, { after: MILLISECONDS, ...FILTER_OPTIONS })
  const { after = Infinity, options, forRelays } = init
  const isPreferred = checkedPredicate('only-if-none', preferred)

  return listStage('only-if-none', (dial, work) => {
    const patience = dial.clock.now() + after
    work.at(patience)

    return ({ candidates, complete }) => {
      const best = candidates.filter(one => isPreferred(one, dial))

      if (best.length === 0) {
        return complete || dial.clock.now() >= patience ? candidates : []
      }

      candidates.filter(one => !best.includes(one)).forEach(one => { work.crowdOut(one, 'a preferred address is known') })

      return best
    }
  }, { role: 'filter', isPatient: after === Infinity, options, forRelays: inheritedUnless(forRelays), asks: proveAll })
}
