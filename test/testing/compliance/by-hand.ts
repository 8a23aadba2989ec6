import { stage } from '../../../src/pipeline/stage.ts'
import type { AnyStageInit, Dial, DialComponents, List, Target } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Stages without a helper: their authors may get anything wrong */

export function lists (run: (lists: AsyncIterable<List>, dial: Dial) => AsyncIterable<any>): AnyStageInit {
  return stage({ name: 'by-hand', accepts: ['candidates'], yields: 'candidates', run })
}

/** Answers each list with one */
export function each (answer: (list: List, dial: Dial) => any): AnyStageInit {
  return lists(async function * (source, dial) {
    for await (const list of source) {
      yield answer(list, dial)
    }
  })
}

export function source (run: (target: AsyncIterable<Target>, dial: Dial, components: DialComponents) => AsyncIterable<any>): AnyStageInit {
  return stage({ name: 'by-hand', accepts: ['target'], yields: 'candidates', run })
}

export function settling (run: (connections: AsyncIterable<Connection>, dial: Dial) => AsyncIterable<any>): AnyStageInit {
  return stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', run })
}
