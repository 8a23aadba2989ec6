import { stage } from '../../src/pipeline/authoring/stage.ts'
import { race } from '../../src/stages/race.ts'

export const connect = race()

/** Stands for what comes below a race: only what it accepts and yields matters here */
export const settle = stage({ name: 'settle', accepts: ['connections'], yields: 'connections', run: async function * () {} })
