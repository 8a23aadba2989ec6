import { source, stage } from '../../../src/pipeline/index.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

/** Returns a predicate for the addresses of `some` */
export const is = (...some: readonly Candidate[]) => ({ id }: Candidate): boolean => some.some(one => one.id === id)

/** Creates a stage that leaves attempted candidates out */
export const untried = () => stage('untried', dial => ({ candidates }) => candidates.filter(one => !dial.tried(one)))

/** Creates a source that never answers */
export const hangs = () => source('hangs', async () => new Promise<never>(() => {}))
