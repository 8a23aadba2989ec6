import test from 'ava'
import { OURS, useStock } from './dialers.ts'
import type { UseDialer } from './dialers.ts'
import type { ExecutionContext } from 'ava'

/** Milliseconds after which a scene attempts no further step */
const LIMIT = 60_000

/** Runs a step of a scene and records its error: the scene goes on */
export type Attempt = (step: string, run: () => Promise<unknown>) => Promise<void>

/** Starts nodes with a dialer, and attempts what an application does with them */
export type Scene = (t: ExecutionContext, useDialer: UseDialer, attempt: Attempt) => Promise<void>

/** The error of each step, `undefined` for a step that succeeds */
type Outcomes = Map<string, unknown>

/** Declares a test of a scene for each dialer. Ours have to succeed in every step in which libp2p's own does */
export function compare (title: string, scene: Scene): void {
  let control: Outcomes | undefined

  test.serial(`stock: ${title}`, async t => {
    control = await perform(t, useStock, scene)
    t.deepEqual(failuresOf(control), [], "The scene is broken: libp2p's own dialer fails")
  })

  for (const [name, useDialer] of OURS) {
    test.serial(`${name}: ${title}`, async t => {
      const failures = failuresOf(await perform(t, useDialer, scene))

      t.deepEqual(failures.filter(([step]) => control?.get(step) == null), [])
    })
  }
}

async function perform (t: ExecutionContext, useDialer: UseDialer, scene: Scene): Promise<Outcomes> {
  const end = performance.now() + LIMIT
  const outcomes: Outcomes = new Map()

  const attempt: Attempt = async (step, run) => {
    try {
      if (performance.now() > end) {
        throw new Error(`Not attempted: the scene has taken ${LIMIT} ms`)
      }

      await run()
      outcomes.set(step, undefined)
    } catch (err) {
      outcomes.set(step, err)
    }
  }

  await attempt('the scene reaches its end', async () => {
    await scene(t, useDialer, attempt)
    t.log(`${outcomes.size - failuresOf(outcomes).length} of ${outcomes.size} steps succeed`)
  })

  return outcomes
}

function failuresOf (outcomes: Outcomes): Array<[step: string, error: unknown]> {
  return Array.from(outcomes).filter(([, error]) => error != null)
}
