import { stage } from '../../src/pipeline/stage.ts'

/** Stand for a race and what comes below one: only what they accept and yield matters here */
export const connect = stage({ name: 'connect', accepts: ['candidates'], yields: 'connections', run: async function * () {} })

export const settle = stage({ name: 'settle', accepts: ['connections'], yields: 'connections', run: async function * () {} })
