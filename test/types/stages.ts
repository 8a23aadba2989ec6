import { stage } from '../../src/pipeline/authoring/stage.ts'
import { race } from '../../src/stages/race.ts'

export const connect = race()

/** A stage below a race. The tests only need its input and output types */
export const settle = stage({ name: 'settle', accepts: ['connections'], yields: 'connections', run: async function * () {} })
