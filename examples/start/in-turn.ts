import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds after which a running job counts as waiting, so that the next one starts */
const PATIENCE = 700

let turn: Promise<unknown> = Promise.resolve()

/** Runs jobs one after another, so that none slows another down. A job that only waits does not block the next */
export async function inTurn<T> (job: () => Promise<T>): Promise<T> {
  const done = turn.then(job)
  turn = Promise.race([done.catch(() => {}), turn.then(async () => sleep(PATIENCE))])

  return done
}
