import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds after which a job is held to wait and no longer to work */
const PATIENCE = 700

let turn: Promise<unknown> = Promise.resolve()

/** Runs jobs one after another, so that none takes time from another; one that only waits does not hold up the next */
export async function inTurn<T> (job: () => Promise<T>): Promise<T> {
  const done = turn.then(job)
  turn = Promise.race([done.catch(() => {}), turn.then(async () => sleep(PATIENCE))])

  return done
}
